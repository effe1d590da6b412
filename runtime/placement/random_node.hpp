// SPDX-License-Identifier: Apache-2.0
// Machines, grants and requests drawn at random, for `warpstep plan --self-test` and the tests.
#pragma once

#include <string>
#include <vector>

#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

struct Scenario {
    std::string family;  ///< the kind of machine: "smt", "cpu-less memory", "unlocated GPUs", …
    topology::Node node;
    Request request;
};

/// The same scenario for the same seed, with every standard library. The families take turns.
Scenario random_scenario(unsigned seed);
/// A grant and a request for a given machine: allowed CPUs and step GPUs are drawn, too.
Scenario random_scenario_on(const topology::Node& node, unsigned seed);

}  // namespace warpstep::placement
