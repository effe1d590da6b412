// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/node_grant.hpp"

#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/comm/rank_names.hpp"
#include "runtime/process/failure.hpp"
#include "runtime/process/meeting.hpp"
#include "runtime/process/thread_affinity.hpp"
#include "runtime/step/stop_signal.hpp"

namespace warpstep::cli {
namespace {

using topology::CpuSet;

CpuSet own_cpus() {
    return CpuSet(process::affinity_of(0).value_or(process::CpuList{}));
}

CpuSet gather(process::Meeting& meeting, const step::Step& step, Deadline deadline) {
    CpuSet all = own_cpus();
    std::vector<int> missing;
    const auto& ranks = step.node_ranks[static_cast<std::size_t>(step.node)];
    for (int local_rank = 1; local_rank < step.local_size; ++local_rank) {
        std::string bytes;
        if (meeting.listen(local_rank, bytes, deadline.at(), step::stop_requested))
            all = all | CpuSet::parse(bytes);
        else
            missing.push_back(ranks.at(static_cast<std::size_t>(local_rank)));
    }
    meeting.close_door();
    // An empty answer ends those who came.
    for (int local_rank = 1; local_rank < step.local_size; ++local_rank)
        meeting.tell(local_rank, missing.empty() ? show(all) : "");
    if (!missing.empty())
        fail<CommError>("{} did not come in time; see what it printed",
                        comm::show_ranks(missing, step));
    return all;
}

CpuSet follow(process::Meeting& meeting, Deadline deadline) {
    meeting.say(show(own_cpus()));
    const std::string answer = meeting.hear(deadline.at());
    if (answer.empty())
        fail<CommError>("a task of this node did not come in time; see local rank 0's messages");
    return CpuSet::parse(answer);
}

}  // namespace

std::optional<CpuSet> cpus_granted_to_node(const step::Step& step, Deadline deadline) {
    const std::string key = process::meeting_key(environ);
    if (step.launcher != step::Launcher::pmix || step.local_size == 1 || key.empty())
        return std::nullopt;
    try {
        process::Meeting meeting(key + "-cpus", step.local_rank);
        return step.local_rank == 0 ? gather(meeting, step, deadline) : follow(meeting, deadline);
    } catch (const process::Failure& failure) {
        throw EnvironmentError(failure.what());
    }
}

}  // namespace warpstep::cli
