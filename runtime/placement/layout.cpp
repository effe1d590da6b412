// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/layout.hpp"

#include <algorithm>

#include "runtime/placement/cut.hpp"

namespace warpstep::placement {

using topology::CpuSet;

namespace {

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

std::vector<CpuSet> lay_out_cores(const std::vector<AllowedCore>& offered, int needed,
                                  int holders) {
    std::vector<int> seams;
    for (std::size_t i = 0; i + 1 < offered.size(); ++i)
        seams.push_back(seam(offered[i], offered[i + 1]));
    const int cores = static_cast<int>(offered.size());
    const Cut cut{holders, needed / holders, (needed + holders - 1) / holders, needed < cores};
    std::vector<CpuSet> result;
    for (const Block& block : cut_row(seams, cores, cut)) {
        CpuSet cpus;
        for (int i = block.first; i < block.first + block.size; ++i)
            cpus = cpus | offered.at(static_cast<std::size_t>(i)).cpus;
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
