// SPDX-License-Identifier: Apache-2.0
// Private to the room: where tasks go when there is a choice of GPUs.
#pragma once

#include <vector>

#include "runtime/placement/locality.hpp"

namespace warpstep::placement {

/// GPUs that are near the same CPUs, in order, and how many allowed cores are near them.
struct Locality {
    topology::CpuSet near;
    std::vector<int> gpus;
    int cores = 0;
};
std::vector<Locality> localities_of(const topology::Node& node, const std::vector<int>& gpus,
                                    const std::vector<AllowedCore>& cores);

/// Tasks with a choice: `count` of them, each takes `size` GPUs of one locality, and `base` tasks
/// stand on every GPU.
struct Blocks {
    int count = 0, size = 1, base = 0;
};

/// How many blocks each locality takes. One after the other goes to where most allowed cores are
/// left per task, of the localities that still have cores of their own for it. What fits no
/// locality is left out.
std::vector<int> spread(const topology::Node& node, const std::vector<AllowedCore>& cores,
                        const std::vector<Locality>& localities, const Blocks& blocks,
                        int cores_per_task);

}  // namespace warpstep::placement
