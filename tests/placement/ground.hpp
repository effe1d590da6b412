// SPDX-License-Identifier: Apache-2.0
// A Ground written down: localities with their GPUs, pools with their numbers of cores.
#pragma once

#include <vector>

#include "runtime/placement/wishes.hpp"

namespace warpstep::testing {

/// gpus[locality], cores[pool], wishes[locality][pool]. GPUs and cores are numbered in that order;
/// every locality is a package of its own.
inline placement::Ground ground_with(const std::vector<int>& gpus, const std::vector<int>& cores,
                                     const std::vector<placement::Wish>& wishes) {
    placement::Ground ground;
    ground.wishes = wishes;
    int core = 0, gpu = 0;
    for (std::size_t pool = 0; pool < cores.size(); ++pool) {
        ground.pools.emplace_back();
        for (int i = 0; i < cores[pool]; ++i, ++core)
            ground.pools.back().push_back({core, static_cast<int>(pool), static_cast<int>(pool),
                                           topology::CpuSet(std::vector<int>{core})});
    }
    for (std::size_t i = 0; i < gpus.size(); ++i) {
        placement::Locality locality;
        locality.package = static_cast<int>(i);
        for (int j = 0; j < gpus[i]; ++j) locality.gpus.push_back(gpu++);
        for (std::size_t pool = 0; pool < cores.size(); ++pool)
            if (wishes[i][pool] == 0) locality.cores += cores[pool];
        ground.localities.push_back(locality);
    }
    return ground;
}

inline std::vector<placement::Capacity> places(std::initializer_list<int> counts) {
    std::vector<placement::Capacity> capacity;
    for (const int count : counts) capacity.push_back({count, 0});
    return capacity;
}

}  // namespace warpstep::testing
