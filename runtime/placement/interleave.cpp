// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/interleave.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace warpstep::placement {

namespace {

int package_of(const topology::Node& node, const Task& task) {
    const topology::Gpu* gpu =
        task.gpus.empty() ? nullptr : &node.gpus.at(static_cast<std::size_t>(task.gpus.front()));
    const topology::CpuSet& cpus = gpu && gpu->located ? gpu->near_cpus : task.cpus;
    int package = -1;
    for (const topology::Core& core : node.cores)
        if (core.cpus.intersects(cpus) && (package < 0 || core.package < package))
            package = core.package;
    return package;
}

}  // namespace

void interleave(const topology::Node& node, std::vector<Task>& tasks) {
    std::map<int, int> seen;
    std::vector<std::pair<std::pair<int, int>, std::size_t>> turns;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const int package = package_of(node, tasks[i]);
        turns.push_back({{seen[package]++, package}, i});
    }
    std::sort(turns.begin(), turns.end());
    std::vector<Task> result;
    for (const auto& [turn, i] : turns) {
        result.push_back(std::move(tasks[i]));
        result.back().local_rank = static_cast<int>(result.size()) - 1;
    }
    tasks = std::move(result);
}

}  // namespace warpstep::placement
