// SPDX-License-Identifier: Apache-2.0
// Private to the room: machines drawn at random.
#pragma once

#include <string>

#include "runtime/placement/dice.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::placement {

struct RandomMachine {
    std::string family;
    topology::Node node;  ///< everything allowed, all GPUs granted
};

/// The families take turns by `number`.
RandomMachine random_machine(unsigned number, Dice& dice);

}  // namespace warpstep::placement
