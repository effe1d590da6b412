// SPDX-License-Identifier: Apache-2.0
#include "runtime/probes/find_seats.hpp"

#include <algorithm>
#include <cstdlib>

#include "runtime/base/error.hpp"
#include "runtime/process/cpu_list.hpp"
#include "runtime/process/thread_affinity.hpp"
#include "runtime/topology/discover.hpp"

namespace warpstep::check::probes {
namespace {

/// GPUs that CUDA can have, on a machine that is here.
bool has_cuda(const topology::Node& node) {
    return !node.simulated &&
           std::any_of(node.gpus.begin(), node.gpus.end(), [](const topology::Gpu& gpu) {
               return gpu.vendor == topology::nvidia_vendor || gpu.vendor == 0;
           });
}

std::string own_cpus() {
    return process::show(process::affinity_of(0).value_or(process::CpuList{}));
}

/// `problems` by rank, "" where there is none.
std::vector<std::pair<Seat, std::string>> without_seats(const step::Step& step,
                                                        const std::vector<std::string>& problems) {
    std::vector<std::pair<Seat, std::string>> without;
    for (int rank = 0; rank < static_cast<int>(problems.size()); ++rank) {
        const std::string& problem = problems[static_cast<std::size_t>(rank)];
        if (problem.empty()) continue;
        Seat nowhere;
        nowhere.node = step.node_of(rank);
        nowhere.rank = rank;
        nowhere.place.rank =
            step.known_as.empty() ? rank : step.known_as.at(static_cast<std::size_t>(rank));
        nowhere.place.node = step.node_names.at(static_cast<std::size_t>(nowhere.node));
        without.emplace_back(std::move(nowhere), problem);
    }
    return without;
}

}  // namespace

Seating find_seats(comm::ControlChannel& channel, const step::Step& step,
                   const std::optional<topology::Node>& known, bool gpus, Deadline deadline) {
    std::string view, problem;
    std::optional<topology::Node> node = known;
    try {
        if (!node) node = topology::discover_node(topology::node_request(std::getenv));
        view = view_of(*node, own_cpus());
    } catch (const Error& error) {
        problem = error.what();
    }
    const auto views = channel.all_gather(view, deadline);
    std::vector<Seat> own;
    try {
        std::vector<std::string> here;
        for (const int rank : step.node_ranks.at(static_cast<std::size_t>(step.node)))
            here.push_back(views.at(static_cast<std::size_t>(rank)));
        if (problem.empty()) own = seats_of(step, *node, here, gpus && has_cuda(*node));
    } catch (const Error& error) {
        problem = error.what();
    }
    Seating seating;
    for (const auto& blob : channel.all_gather(encode(own), deadline)) {
        for (Seat& seat : decode_seats(blob)) seating.seats.push_back(std::move(seat));
    }
    seating.without = without_seats(step, channel.gather(problem, deadline));
    return seating;
}

}  // namespace warpstep::check::probes
