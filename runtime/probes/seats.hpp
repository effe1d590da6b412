// SPDX-License-Identifier: Apache-2.0
// Where the children of probes work: one seat for each GPU that the step's tasks can use, placed as
// a run would place its tasks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/check/measurement.hpp"
#include "runtime/comm/given_peers.hpp"
#include "runtime/step/step.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::check::probes {

struct Seat {
    Subject place;  ///< of samples; its rank is the number by which people know the task
    int rank = 0;   ///< whose child works here
    int node = 0;   ///< index into the step's node names
    bool gpu = false;
    comm::Seat seat;
};

/// The seats of this task, when each task of its node sees `views` (by local rank, as made by
/// view_of()) of `node`. A task that has more GPUs than its share of the node's tasks has as many
/// seats; without GPUs it has one. Pure. Errors: ConfigError when there is no placement.
std::vector<Seat> seats_of(const step::Step& step, const topology::Node& node,
                           const std::vector<std::string>& views, bool wants_gpus);

/// What a task sees, for the others of its node: its CPUs and its GPUs.
std::string view_of(const topology::Node& node, std::string_view cpus);

std::string encode(const std::vector<Seat>& seats);
/// Errors: CommError.
std::vector<Seat> decode_seats(std::string_view bytes);

}  // namespace warpstep::check::probes
