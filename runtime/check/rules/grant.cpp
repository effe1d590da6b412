// SPDX-License-Identifier: Apache-2.0
// What Slurm granted against what was asked for.
#include "runtime/check/rules/grant.hpp"

#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/process/cpu_list.hpp"

namespace warpstep::check {
namespace {

/// "0,2-3" and lists of UUIDs.
std::set<std::string> set_of_entries(const std::string& list) {
    std::set<std::string> all;
    for (const std::string& entry : split(list, ',')) {
        const auto range = process::parse_cpus(entry);
        if (!range) all.emplace(trim(entry));
        for (const int index : range.value_or(process::CpuList{})) {
            all.insert(std::to_string(index));
        }
    }
    all.erase("");
    return all;
}

void add(NodeGrant& grant, const Task& task) {
    const auto given = given_gpus(task);
    grant.fewest = grant.tasks.empty() ? given.size() : std::min(grant.fewest, given.size());
    for (const std::string& gpu : given) {
        if (!grant.given.insert(gpu).second) grant.shared = true;
    }
    if (grant.tasks.empty()) grant.gpus = count_gpus(task, "SLURM_GPUS_ON_NODE");
    grant.count = std::max(grant.count, task.here);
    grant.tasks.push_back(&task);
}

}  // namespace

std::set<std::string> given_gpus(const Task& task) {
    for (const char* name : {"SLURM_STEP_GPUS", "CUDA_VISIBLE_DEVICES"}) {
        if (const auto list = task.variable(name); list && !list->empty())
            return set_of_entries(*list);
    }
    std::set<std::string> uuids;
    if (task.facts == nullptr || !task.facts->nvml_gpus) return uuids;
    for (const SeenGpu& gpu : *task.facts->nvml_gpus) uuids.insert(gpu.uuid);
    return uuids;
}

std::vector<NodeGrant> grants_of(const std::vector<Task>& tasks) {
    std::vector<NodeGrant> grants;
    for (const Task& task : tasks) {
        auto grant = std::find_if(grants.begin(), grants.end(),
                                  [&](const NodeGrant& g) { return g.node == task.subject.node; });
        if (grant == grants.end()) {
            grants.push_back({task.subject.node, {}, 0, std::nullopt, {}, 0, false});
            grant = grants.end() - 1;
        }
        add(*grant, task);
    }
    return grants;
}

bool has_gpus(const Task& task) {
    return task.node != nullptr &&
           (task.node->has_nvidia || task.node->configured_gpus.value_or(0) > 0);
}

namespace families {

std::vector<Rule> grant() {
    std::vector<Rule> all;
    for (auto part : {grant_missing, grant_counts, grant_steps, grant_placement}) {
        for (const Rule& rule : part()) all.push_back(rule);
    }
    return all;
}

}  // namespace families

}  // namespace warpstep::check
