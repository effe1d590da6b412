// SPDX-License-Identifier: Apache-2.0
// Several ranks of one step as processes of this machine, without a launcher.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/comm/communicator.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::test {

/// The step of one rank when node i has ranks_per_node[i] ranks, in blocks: nodes are called n1,
/// n2, ….
step::Step make_step(const std::vector<int>& ranks_per_node, int rank);

/// What a forked rank has: its step, a connected control channel and a connected host communicator.
struct Rank {
    step::Step step;
    comm::ControlChannel& channel;
    comm::Communicator& communicator;
};

struct ForkOptions {
    std::chrono::milliseconds operation_timeout{20000};
    std::chrono::milliseconds limit{240000};  ///< ranks that live longer are killed
};

/// How each rank ended: its exit status, or 128 + signal. 0: the body returned. An Error ends a
/// rank with its code, any other exception with 70; both are printed. The communicator is destroyed
/// and the channel closed before a rank ends with 0.
struct Outcome {
    std::vector<int> status;
    std::string
        token;  ///< the names of the step's shared memory begin with /dev/shm/warpstep-<token>
};
Outcome fork_ranks(const std::vector<int>& ranks_per_node, const std::function<void(Rank&)>& body,
                   ForkOptions options = {});

/// For use in a rank, where doctest's assertions would be lost: throws with the text when false.
void expect(bool condition, const std::string& text);

/// Names in /dev/shm that contain `token`.
std::vector<std::string> shared_memory_left(const std::string& token);

}  // namespace warpstep::test
