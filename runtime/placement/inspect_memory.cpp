// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

void check_memory(const Facts& facts, const Tasks& tasks, Findings& findings) {
    for (const Task& task : tasks) {
        std::set<int> expected;
        for (const topology::Core& core : facts.node.cores)
            for (const topology::NumaNode& numa : facts.node.numa_nodes)
                if (core.numa == numa.os_index && core.cpus.intersects(task.cpus) &&
                    numa.memory_bytes > 0 && numa.allowed && !numa.cpus.empty())
                    expected.insert(numa.os_index);
        findings.expect(
            std::vector<int>(expected.begin(), expected.end()) == task.numa, "I13",
            fmt::format("local rank {} has memory of NUMA nodes '{}', its cores are on "
                        "those with '{}'",
                        task.local_rank, fmt::join(task.numa, ","), fmt::join(expected, ",")));
    }
}

}  // namespace warpstep::placement::inspection
