// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "runtime/base/units.hpp"
#include "runtime/comm/host/host_communicator.hpp"

namespace warpstep::comm::host {
namespace {

[[noreturn]] void fail_without_memory(const step::Step& step, const std::system_error& error) {
    fail<EnvironmentError>(
        "{} has no shared memory for its {} ranks ({}: {}); free /dev/shm or make it larger, and "
        "let "
        "all tasks of a node see the same /dev/shm",
        step.node_name().empty() ? "this machine" : step.node_name(), step.local_size,
        show_bytes(NodeArea::bytes_for(step.local_size)), error.what());
}

// The exchange tells all that the leaders have created their segments, or why one could not.
SharedSegment open_area(const step::Step& step, ControlChannel& channel, const std::string& name,
                        Deadline setup) {
    const std::size_t bytes = NodeArea::bytes_for(step.local_size);
    if (step.local_size == 1) {
        channel.all_gather("", setup);
        return SharedSegment::anonymous(bytes);
    }
    SharedSegment segment;
    std::string problem;
    if (step.local_rank == 0) {
        try {
            segment = SharedSegment::create(name, bytes);
        } catch (const std::system_error& error) {
            problem = error.what();
        }
    }
    for (const auto& theirs : channel.all_gather(problem, setup)) {
        if (theirs.empty()) continue;
        fail<EnvironmentError>("a node has no shared memory for its ranks ({}); see /dev/shm there",
                               theirs);
    }
    return step.local_rank == 0 ? std::move(segment) : SharedSegment::attach(name, bytes);
}

}  // namespace

std::unique_ptr<Communicator> connect_host(const step::Step& step, ControlChannel& channel,
                                           const std::string& shared_memory_token,
                                           const std::string& my_address, Deadline setup,
                                           std::chrono::milliseconds operation_timeout) {
    try {
        NodeArea area(open_area(step, channel, "/warpstep-" + shared_memory_token, setup),
                      step.local_size);
        area.commit(step.local_rank);
        auto communicator = std::make_unique<HostCommunicator>(
            step, channel, std::move(area), shared_memory_token, operation_timeout);
        communicator->meet(setup);
        if (step.nodes() > 1) communicator->join_leaders(channel, my_address, setup);
        return communicator;
    } catch (const std::system_error& error) {
        fail_without_memory(step, error);
    }
}

}  // namespace warpstep::comm::host
