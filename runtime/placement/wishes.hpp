// SPDX-License-Identifier: Apache-2.0
// Private to the room: how far every allowed core is from the GPUs, in terms of localities and of
// pools of cores that are alike.
#pragma once

#include <vector>

#include "runtime/placement/locality.hpp"
#include "runtime/placement/pools.hpp"

namespace warpstep::placement {

/// GPUs that are near the same CPUs.
struct Locality {
    topology::CpuSet near;
    std::vector<int> gpus;  ///< in order
    int package = 0;        ///< the first one that it touches
    int cores = 0;          ///< allowed cores that are near
};

/// Price of a place, per pool.
using Wish = std::vector<Price>;

struct Ground {
    std::vector<Locality> localities;
    std::vector<std::vector<AllowedCore>> pools;  ///< in hardware order
    std::vector<Wish> wishes;                     ///< per locality

    /// Who has GPUs of several localities is near where any of them is.
    Wish wish_of(const std::vector<int>& localities) const;
};

/// 0 for a near core; else far_away plus its distance: of numa_distances, the least over the
/// locality's nodes, where they tell; else 10 in a NUMA node of the locality, 20 in a package of
/// it, 30 anywhere.
Ground ground_of(const topology::Node& node, const std::vector<AllowedCore>& cores,
                 const std::vector<int>& gpus);
/// Any core will do.
Ground open_ground(const std::vector<AllowedCore>& cores);

/// How finely the allowed CPUs have to be divided so that every task gets some.
enum class Grain {
    cores,       ///< whole cores to each task
    pus,         ///< tasks share cores, but not PUs
    round_robin  ///< tasks share PUs
};
Grain grain_for(int tasks, const std::vector<AllowedCore>& cores);

/// How many tasks each pool takes (for whole cores: how many cores it has). No core, for
/// round_robin no PU, carries a further task while another has room for a first one.
std::vector<Capacity> capacities(const std::vector<std::vector<AllowedCore>>& pools, Grain grain,
                                 int tasks);

}  // namespace warpstep::placement
