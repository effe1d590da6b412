// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

namespace {

std::map<int, int> tasks_on_each(const Tasks& tasks) {
    std::map<int, int> tasks_on;
    for (const Task& task : tasks)
        for (const int gpu : task.gpus) ++tasks_on[gpu];
    return tasks_on;
}

void check_numbers(const Facts& facts, const Tasks& tasks, Findings& findings) {
    const auto by_count = [](const Task& a, const Task& b) {
        return a.gpus.size() < b.gpus.size();
    };
    const auto [least, most] = std::minmax_element(tasks.begin(), tasks.end(), by_count);
    const std::size_t used = tasks_on_each(tasks).size();
    if (facts.request.gpus_per_task) {
        const auto wanted = static_cast<std::size_t>(*facts.request.gpus_per_task);
        findings.expect(least->gpus.size() == wanted && most->gpus.size() == wanted, "I5",
                        fmt::format("{} to {} GPUs per task, {} were asked for", least->gpus.size(),
                                    most->gpus.size(), wanted));
    } else {
        findings.expect(used == facts.gpus.size(), "I5",
                        fmt::format("{} of {} GPUs are used", used, facts.gpus.size()));
        findings.expect(
            most->gpus.size() - least->gpus.size() <= 1, "I6",
            fmt::format("local rank {} has {} GPUs, local rank {} has {}", most->local_rank,
                        most->gpus.size(), least->local_rank, least->gpus.size()));
    }
}

}  // namespace

void check_gpus(const Facts& facts, const Placement& placement, Findings& findings) {
    std::set<int> idle(facts.node.step_gpus.begin(), facts.node.step_gpus.end());
    const auto tasks_on = tasks_on_each(placement.tasks);
    for (const auto& [gpu, tasks] : tasks_on) {
        idle.erase(gpu);
        if (facts.tasks() <= facts.gpu_count())
            findings.expect(tasks == 1, "I4",
                            fmt::format("{} is given {} times", facts.name(gpu), tasks));
        else
            findings.expect(tasks == facts.tasks() / facts.gpu_count() ||
                                tasks == facts.tasks() / facts.gpu_count() + 1,
                            "I6", fmt::format("{} has {} tasks", facts.name(gpu), tasks));
    }
    findings.expect(
        placement.idle_gpus == std::vector<int>(idle.begin(), idle.end()), "idle",
        fmt::format("{} GPUs are listed as idle, {} are", placement.idle_gpus.size(), idle.size()));
    if (!facts.gpus.empty()) check_numbers(facts, placement.tasks, findings);
    if (facts.tasks() > facts.gpu_count() && facts.gpu_count() > 0)
        findings.expect(static_cast<int>(tasks_on.size()) == facts.gpu_count(), "I6",
                        "a GPU has no task while others are shared");
}

}  // namespace warpstep::placement::inspection
