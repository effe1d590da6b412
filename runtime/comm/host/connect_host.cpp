// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

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

using Places = std::vector<RemoteLanes::Place>;

/// What a rank tells the others: why its node has no memory, "" when it has, and where it listens.
std::string encode(const std::string& problem, const RemoteLanes::Place& place) {
    return fmt::format("{} {} {}\n{}", place.port, place.key, place.address, problem);
}

std::string decode(const std::string& told, RemoteLanes::Place& place) {
    const auto end = told.find('\n');
    std::istringstream words(told.substr(0, end));
    words >> place.port >> place.key >> place.address;
    return end == std::string::npos ? "" : told.substr(end + 1);
}

// The exchange tells all that the leaders have created their segments, or why one could not.
SharedSegment open_area(const step::Step& step, ControlChannel& channel, const std::string& name,
                        const RemoteLanes::Place& mine, Places& places, Deadline setup) {
    const std::size_t bytes = NodeArea::bytes_for(step.local_size);
    SharedSegment segment;
    std::string problem;
    if (step.local_size == 1) {
        segment = SharedSegment::anonymous(bytes);
    } else if (step.local_rank == 0) {
        try {
            segment = SharedSegment::create(name, bytes);
        } catch (const std::system_error& error) {
            problem = error.what();
        }
    }
    for (const auto& told : channel.all_gather(encode(problem, mine), setup)) {
        const auto theirs = decode(told, places.emplace_back());
        if (theirs.empty()) continue;
        fail<EnvironmentError>("a node has no shared memory for its ranks ({}); see /dev/shm there",
                               theirs);
    }
    const bool attaches = step.local_size > 1 && step.local_rank > 0;
    return attaches ? SharedSegment::attach(name, bytes) : std::move(segment);
}

}  // namespace

std::unique_ptr<Communicator> connect_host(const step::Step& step, ControlChannel& channel,
                                           const std::string& shared_memory_token,
                                           const std::string& my_address, Deadline setup,
                                           std::chrono::milliseconds operation_timeout) {
    try {
        std::optional<RemoteLanes> remote;
        if (step.nodes() > 1) remote.emplace(step, my_address);
        Places places;
        NodeArea area(open_area(step, channel, "/warpstep-" + shared_memory_token,
                                remote ? remote->place() : RemoteLanes::Place{}, places, setup),
                      step.local_size);
        if (remote) remote->learn(std::move(places));
        area.commit(step.local_rank);
        auto communicator =
            std::make_unique<HostCommunicator>(step, channel, std::move(area), std::move(remote),
                                               shared_memory_token, operation_timeout);
        communicator->meet(setup);
        if (step.nodes() > 1) communicator->join_leaders(channel, my_address, setup);
        return communicator;
    } catch (const std::system_error& error) {
        fail_without_memory(step, error);
    }
}

}  // namespace warpstep::comm::host
