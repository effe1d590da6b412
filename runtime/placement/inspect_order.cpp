// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

namespace {

using Position = std::tuple<int, int, topology::PciAddress, std::string>;
constexpr int last = std::numeric_limits<int>::max();

std::pair<int, int> first_place(const Facts& facts, const topology::CpuSet& cpus) {
    std::pair<int, int> first{last, last};
    for (const topology::Core& core : facts.node.cores)
        if (core.cpus.intersects(cpus)) first = std::min(first, {core.package, core.numa});
    return first;
}

Position position_of(const Facts& facts, int index) {
    const topology::Gpu& gpu = facts.gpu(index);
    const auto place = gpu.located ? first_place(facts, gpu.near_cpus) : std::pair(last, last);
    return {place.first, place.second, gpu.pci, gpu.mig_uuid};
}

int package_of(const Facts& facts, const Task& task) {
    if (!task.gpus.empty() && facts.gpu(task.gpus[0]).located)
        return first_place(facts, facts.gpu(task.gpus[0]).near_cpus).first;
    return first_place(facts, task.cpus).first;
}

void check_sequence(const Facts& facts, const std::vector<const Task*>& tasks, Findings& findings) {
    std::optional<Position> before;
    for (const Task* task : tasks) {
        if (task->gpus.empty()) continue;
        const auto by_position = [&](int a, int b) {
            return position_of(facts, a) < position_of(facts, b);
        };
        const Position here = position_of(facts, task->gpus[0]);
        findings.expect(
            std::is_sorted(task->gpus.begin(), task->gpus.end(), by_position) &&
                (!before || !(here < *before)),
            "I22",
            fmt::format(
                "the GPUs of local rank {} do not follow package, NUMA node and PCI address",
                task->local_rank));
        before = here;
    }
}

}  // namespace

void check_order(const Facts& facts, const Tasks& tasks, Findings& findings) {
    std::map<int, std::vector<const Task*>> rows;
    std::pair<std::size_t, int> before{0, std::numeric_limits<int>::min()};
    for (const Task& task : tasks) {
        const int package = facts.request.interleave ? package_of(facts, task) : 0;
        auto& row = rows[package];
        const std::pair turn{row.size(), package};
        row.push_back(&task);
        if (facts.request.interleave)
            findings.expect(before < turn, "I21",
                            fmt::format("local rank {} on package {} is out of turn",
                                        task.local_rank, package));
        before = turn;
    }
    for (const auto& [package, row] : rows) check_sequence(facts, row, findings);
}

}  // namespace warpstep::placement::inspection
