// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/node_grant.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/comm/rank_names.hpp"
#include "runtime/process/failure.hpp"
#include "runtime/process/fields.hpp"
#include "runtime/process/meeting.hpp"
#include "runtime/process/thread_affinity.hpp"
#include "runtime/step/stop_signal.hpp"
#include "runtime/topology/shared_names.hpp"

namespace warpstep::cli {
namespace {

using process::Fields;
using topology::CpuSet;
using topology::Node;

/// One field per task: its CPUs ("" when it refused) and its GPUs.
Fields view_of(const Node* node) {
    if (node == nullptr) return {{"", ""}};
    std::vector<std::string> gpus;
    for (const int gpu : node->step_gpus)
        gpus.push_back(topology::shared_name(node->gpus.at(static_cast<std::size_t>(gpu))));
    return {{process::show(process::affinity_of(0).value_or(process::CpuList{})), join(gpus, " ")}};
}

NodeGrant grant_from(const Fields& views) {
    NodeGrant grant;
    for (const auto& [cpus, gpus] : views) {
        if (!cpus.empty()) grant.cpus = grant.cpus | CpuSet::parse(cpus);
        grant.gpus.push_back(split(gpus, ' '));
    }
    return grant;
}

Fields gather(process::Meeting& meeting, const step::Step& step, Fields views, Deadline deadline) {
    std::vector<int> missing;
    const auto& ranks = step.node_ranks[static_cast<std::size_t>(step.node)];
    for (int local_rank = 1; local_rank < step.local_size; ++local_rank) {
        std::string bytes;
        if (meeting.listen(local_rank, bytes, deadline.at(), step::stop_requested))
            views.push_back(process::decode(bytes).front());
        else
            missing.push_back(ranks.at(static_cast<std::size_t>(local_rank)));
    }
    meeting.close_door();
    // An answer without views ends those who came.
    const std::string answer = process::encode(missing.empty() ? views : Fields{});
    for (int local_rank = 1; local_rank < step.local_size; ++local_rank)
        meeting.tell(local_rank, answer);
    if (!missing.empty())
        fail<CommError>("{} did not come in time; see what it printed",
                        comm::show_ranks(missing, step));
    return views;
}

Fields follow(process::Meeting& meeting, const Fields& mine, Deadline deadline) {
    meeting.say(process::encode(mine));
    const Fields views = process::decode(meeting.hear(deadline.at()));
    if (views.empty())
        fail<CommError>("a task of this node did not come in time; see local rank 0's messages");
    return views;
}

}  // namespace

std::optional<NodeGrant> exchange_grants(const step::Step& step, const Node* mine,
                                         Deadline deadline) {
    const std::string key = process::meeting_key(environ);
    if (step.launcher != step::Launcher::pmix || step.local_size == 1 || key.empty())
        return std::nullopt;
    try {
        process::Meeting meeting(key + "-grants", step.local_rank);
        const Fields own = view_of(mine);
        return grant_from(step.local_rank == 0 ? gather(meeting, step, own, deadline)
                                               : follow(meeting, own, deadline));
    } catch (const process::Failure& failure) {
        throw EnvironmentError(failure.what());
    }
}

std::vector<std::vector<int>> unite_gpus(std::vector<std::vector<int>> of_task, Node& node) {
    std::vector<int> all;
    for (const auto& gpus : of_task) all.insert(all.end(), gpus.begin(), gpus.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    node.step_gpus = all;
    const bool alike = std::all_of(of_task.begin(), of_task.end(),
                                   [&](const std::vector<int>& gpus) { return gpus == all; });
    if (alike) of_task.clear();
    return of_task;
}

std::vector<std::vector<int>> apply(const NodeGrant& grant, Node& node) {
    if (!node.simulated) node.allowed = grant.cpus & node.cpus;
    std::vector<std::vector<int>> of_task;
    for (const auto& names : grant.gpus) {
        auto& gpus = of_task.emplace_back();
        for (const std::string& name : names) gpus.push_back(topology::find_or_add_gpu(node, name));
        std::sort(gpus.begin(), gpus.end());
    }
    return unite_gpus(std::move(of_task), node);
}

}  // namespace warpstep::cli
