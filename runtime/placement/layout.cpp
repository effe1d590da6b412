// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/layout.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/placement/cut.hpp"

namespace warpstep::placement {

using topology::CpuSet;

namespace {

/// One block after the other, in the order of the hardware.
std::vector<Block> in_a_row(const std::vector<int>& sizes) {
    std::vector<Block> blocks;
    int first = 0;
    for (const int size : sizes) {
        blocks.push_back({first, size});
        first += size;
    }
    return blocks;
}

std::vector<Block> blocks_of(const std::vector<AllowedCore>& pool, const std::vector<int>& places,
                             bool alike) {
    const int cores = static_cast<int>(pool.size());
    const auto [least, most] = std::minmax_element(places.begin(), places.end());
    const bool complete = std::accumulate(places.begin(), places.end(), 0) == cores;
    // With cores left over the cut decides which; it can keep their number only when all blocks
    // have one size.
    if (!alike || *most - *least > 1 || (!complete && *most != *least)) return in_a_row(places);
    std::vector<int> seams;
    for (std::size_t i = 0; i + 1 < pool.size(); ++i) seams.push_back(seam(pool[i], pool[i + 1]));
    return cut_row(seams, cores, {static_cast<int>(places.size()), *least, *most, !complete});
}

/// How many holders each thing carries: one more at a time to the first of those that carry fewest
/// and have room.
std::vector<int> level(const std::vector<int>& room, int holders) {
    std::vector<int> carried(room.size());
    for (int i = 0; i < holders; ++i) {
        std::size_t lightest = room.size();
        for (std::size_t thing = 0; thing < room.size(); ++thing)
            if (carried[thing] < room[thing] &&
                (lightest == room.size() || carried[thing] < carried[lightest]))
                lightest = thing;
        ++carried.at(lightest);
    }
    return carried;
}

}  // namespace

std::vector<CpuSet> lay_out_cores(const std::vector<AllowedCore>& pool,
                                  const std::vector<int>& places, bool alike) {
    std::vector<CpuSet> result;
    for (const Block& block : blocks_of(pool, places, alike)) {
        CpuSet cpus;
        for (int i = block.first; i < block.first + block.size; ++i)
            cpus = cpus | pool.at(static_cast<std::size_t>(i)).cpus;
        result.push_back(cpus);
    }
    return result;
}

std::vector<CpuSet> lay_out_pus(const std::vector<AllowedCore>& pool, int holders) {
    std::vector<int> room;
    for (const AllowedCore& core : pool) room.push_back(core.cpus.size());
    const std::vector<int> carried = level(room, holders);
    std::vector<CpuSet> result;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        const std::vector<int> pus = pool[i].cpus.cpus();
        const auto count = static_cast<int>(pus.size());
        for (int part = 0; part < carried[i]; ++part)
            result.emplace_back(std::vector<int>(pus.begin() + part * count / carried[i],
                                                 pus.begin() + (part + 1) * count / carried[i]));
    }
    return result;
}

std::vector<CpuSet> lay_out_round_robin(const std::vector<AllowedCore>& pool, int holders) {
    int pus = 0;
    std::size_t threads = 0;
    std::vector<std::vector<int>> pus_of_core;
    for (const AllowedCore& core : pool) {
        pus_of_core.push_back(core.cpus.cpus());
        pus += core.cpus.size();
        threads = std::max(threads, pus_of_core.back().size());
    }
    // The tasks beyond an equal number go to the first threads of all cores before any second
    // thread.
    std::vector<std::vector<int>> carried;
    for (const auto& of_core : pus_of_core) carried.emplace_back(of_core.size(), holders / pus);
    int extra = holders % pus;
    for (std::size_t thread = 0; thread < threads; ++thread)
        for (auto& of_core : carried)
            if (thread < of_core.size() && extra > 0) {
                ++of_core[thread];
                --extra;
            }
    std::vector<CpuSet> result;
    for (std::size_t core = 0; core < pool.size(); ++core)
        for (std::size_t thread = 0; thread < carried[core].size(); ++thread)
            result.insert(result.end(), static_cast<std::size_t>(carried[core][thread]),
                          CpuSet(std::vector<int>{pus_of_core[core][thread]}));
    return result;
}

}  // namespace warpstep::placement
