// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

namespace {

using topology::CpuSet;

int users_of(const CpuSet& core, const Tasks& tasks) {
    return static_cast<int>(std::count_if(
        tasks.begin(), tasks.end(), [&](const Task& task) { return task.cpus.intersects(core); }));
}

void check_sharing(const Facts& facts, const Tasks& tasks, Findings& findings) {
    bool shared = false, unused = false;
    for (const CpuSet& core : facts.cores) {
        const int users = users_of(core, tasks);
        if (facts.whole_cores())
            findings.expect(users <= 1, "I7",
                            fmt::format("CPUs {} are a core of {} tasks", show(core), users));
        shared = shared || users > 1;
        unused = unused || users == 0;
    }
    findings.expect(!(shared && unused), "I11", "a core is shared while another is unused");
    std::map<int, int> load;
    for (const int cpu : facts.usable.cpus()) load[cpu] = 0;
    for (const Task& task : tasks)
        for (const int cpu : task.cpus.cpus()) ++load[cpu];
    const int least = facts.oversubscribed() ? facts.tasks() / facts.pus : 0;
    for (const auto& [cpu, tasks_on] : load)
        findings.expect(tasks_on >= least && tasks_on <= least + 1, "I7",
                        fmt::format("CPU {} has {} tasks", cpu, tasks_on));
}

/// Every core in use gives all the hardware threads that it may, no other and no fewer.
void check_threads(const Facts& facts, const Tasks& tasks, Findings& findings) {
    CpuSet used;
    for (const Task& task : tasks) used = used | task.cpus;
    findings.expect(facts.usable.contains(used), "I12",
                    fmt::format("CPUs {} are more threads than a core may contribute",
                                show(used - facts.usable)));
    for (const CpuSet& core : facts.cores)
        findings.expect(!core.intersects(used) || used.contains(core), "I12",
                        fmt::format("of the core with CPUs {} only {} are used", show(core),
                                    show(core & used)));
}

void check_counts(const Facts& facts, const Tasks& tasks, Findings& findings) {
    std::map<std::vector<Cost>, std::pair<int, int>> range;
    for (const Task& task : tasks) {
        const auto cores = static_cast<int>(
            std::count_if(facts.cores.begin(), facts.cores.end(),
                          [&](const CpuSet& core) { return core.intersects(task.cpus); }));
        findings.expect(task.cores == cores, "I10",
                        fmt::format("local rank {} claims {} cores, its CPUs are {}",
                                    task.local_rank, task.cores, cores));
        if (facts.request.cpus_per_task)
            findings.expect(cores == *facts.request.cpus_per_task, "I10",
                            fmt::format("local rank {} has {} cores, {} were asked for",
                                        task.local_rank, cores, *facts.request.cpus_per_task));
        const bool open = task.gpus.empty() || !facts.request.near_gpu;
        const CpuSet near = open ? facts.node.cpus : facts.near(task.gpus);
        const auto [found, is_new] = range.emplace(facts.costs(near), std::pair(cores, cores));
        found->second.first = std::min(found->second.first, cores);
        found->second.second = std::max(found->second.second, cores);
    }
    for (const auto& [costs, least_most] : range)
        findings.expect(least_most.second - least_most.first <= 1, "I10",
                        fmt::format("tasks of one locality have {} to {} cores", least_most.first,
                                    least_most.second));
}

/// A core is idle only if no task could take it and keep to the other rules.
void check_idle_cores(const Facts& facts, const Tasks& tasks, Findings& findings) {
    if (facts.request.cpus_per_task || !facts.whole_cores()) return;
    std::vector<std::size_t> idle;
    for (std::size_t i = 0; i < facts.cores.size(); ++i)
        if (users_of(facts.cores[i], tasks) == 0) idle.push_back(i);
    if (idle.empty()) return;
    std::vector<std::vector<Cost>> costs;
    std::map<std::vector<Cost>, int> fewest;
    for (const Task& task : tasks) {
        const bool open = task.gpus.empty() || !facts.request.near_gpu;
        costs.push_back(facts.costs(open ? facts.node.cpus : facts.near(task.gpus)));
        const auto found = fewest.emplace(costs.back(), task.cores).first;
        found->second = std::min(found->second, task.cores);
    }
    for (std::size_t t = 0; t < tasks.size(); ++t) {
        if (tasks[t].cores > fewest.at(costs[t])) continue;
        Cost reach = 0;
        for (std::size_t i = 0; i < facts.cores.size(); ++i)
            if (facts.cores[i].intersects(tasks[t].cpus)) reach = std::max(reach, costs[t][i]);
        for (const std::size_t i : idle)
            findings.expect(costs[t][i] > reach, "I11",
                            fmt::format("CPUs {} are idle, local rank {} could have them",
                                        show(facts.cores[i]), tasks[t].local_rank));
    }
}

}  // namespace

void check_cores(const Facts& facts, const Placement& placement, Findings& findings) {
    const Tasks& tasks = placement.tasks;
    check_sharing(facts, tasks, findings);
    check_threads(facts, tasks, findings);
    check_counts(facts, tasks, findings);
    check_idle_cores(facts, tasks, findings);
    CpuSet idle = facts.node.allowed;
    for (const Task& task : tasks) idle = idle - task.cpus;
    findings.expect(placement.idle_cpus == idle, "idle",
                    fmt::format("CPUs '{}' are listed as idle, '{}' are", show(placement.idle_cpus),
                                show(idle)));
}

}  // namespace warpstep::placement::inspection
