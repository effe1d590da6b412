// SPDX-License-Identifier: Apache-2.0
// What other programs do with what they were given.
#include "runtime/check/rules/programs.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "runtime/check/rules.hpp"

namespace warpstep::check {
namespace {

using Names = std::vector<std::string>;

void add_new(Names& names, const Names& more) {
    for (const std::string& name : more) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
}

Names opened_gpus(const NodeFacts* node, const ProgramFacts& program) {
    Names names;
    for (const GpuFacts& gpu : node == nullptr ? std::vector<GpuFacts>{} : node->gpus) {
        const auto& open = program.open_gpu_minors;
        if (std::find(open.begin(), open.end(), gpu.minor) != open.end())
            names.push_back(name_of(gpu));
    }
    return names;
}

Names used_gpus(const Watched& node, const ProgramFacts& program) {
    Names names;
    for (const UsedGpu& gpu : program.gpus) names.push_back(gpu.uuid);
    const bool files_tell =
        program.has_cuda_context || (node.facts != nullptr && node.facts->described);
    return node.nvml_tells || !files_tell ? names : opened_gpus(node.facts, program);
}

void find_parents(Watched& node) {
    std::map<std::int64_t, const ProgramFacts*> by_pid;
    for (const Process& process : node.processes) by_pid[process.facts->pid] = process.facts;
    for (Process& process : node.processes) {
        const auto parent = by_pid.find(process.facts->parent);
        if (parent != by_pid.end() && parent->second != process.facts)
            process.parent = parent->second;
    }
}

/// Without a process that says it is a task (a batch script): those whose parent is not watched.
void find_tasks(Watched& node) {
    const auto says_task = [](const Process& process) { return process.facts->is_task; };
    const bool said = std::any_of(node.processes.begin(), node.processes.end(), says_task);
    std::map<std::int64_t, int> task_of;
    for (std::size_t i = 0; i < node.processes.size(); ++i) {
        Process& process = node.processes[i];
        if (said ? !process.facts->is_task : process.parent != nullptr) continue;
        process.task = task_of[process.facts->pid] = static_cast<int>(i);
        node.tasks.push_back(i);
    }
    // As often as families are deep: a child may be listed before its parent.
    for (bool found = true; found;) {
        found = false;
        for (Process& process : node.processes) {
            if (process.task >= 0 || process.parent == nullptr) continue;
            const auto task = task_of.find(process.parent->pid);
            if (task == task_of.end()) continue;
            process.task = task_of[process.facts->pid] = task->second;
            found = true;
        }
    }
}

void fill(const Facts& facts, Watched& node) {
    node.facts = facts.node(node.name);
    node.nvml_tells = std::any_of(node.processes.begin(), node.processes.end(),
                                  [](const Process& p) { return !p.facts->gpus.empty(); });
    find_parents(node);
    find_tasks(node);
    for (Process& process : node.processes) {
        process.view = view_of(facts, *process.facts);
        process.used = used_gpus(node, *process.facts);
        add_new(node.used, process.used);
        add_new(node.granted, process.view.granted.value_or(Names{}));
    }
    if (node.granted.empty() && node.facts != nullptr)
        node.granted = granted_on(facts, *node.facts);
    node.granted_count = node.granted.size();
    for (const Process& process : node.processes) {
        if (!process.facts->env) continue;
        const int told = number(*process.facts->env, "SLURM_GPUS_ON_NODE").value_or(0);
        node.granted_count =
            std::max(node.granted_count, static_cast<std::size_t>(std::max(told, 0)));
    }
}

}  // namespace

std::vector<std::string> Watched::idle() const {
    Names names;
    for (const std::string& gpu : granted) {
        if (std::find(used.begin(), used.end(), gpu) == used.end()) names.push_back(gpu);
    }
    return names;
}

std::size_t Watched::idle_count() const {
    const std::size_t on_granted = granted.size() - idle().size();
    return granted_count - on_granted;
}

/// A forked child inherits the open files of its parent, which therefore tell nothing of its own;
/// NVML lists it only when it has started CUDA itself.
bool Process::forked_after_cuda(const Watched& node) const {
    if (!forked() || !facts->maps_cuda || !parent->has_cuda_context) return false;
    if (node.nvml_tells) return used.empty();
    return !facts->has_cuda_context || facts->open_gpu_minors == parent->open_gpu_minors;
}

std::vector<std::string> Watched::used_by_task(std::size_t task) const {
    Names names;
    for (const Process& process : processes) {
        if (process.task == static_cast<int>(task)) add_new(names, process.used);
    }
    return names;
}

std::vector<Watched> watched(const Facts& facts) {
    std::vector<Watched> nodes;
    for (const ProgramFacts& program : facts.programs) {
        auto node = std::find_if(nodes.begin(), nodes.end(),
                                 [&](const Watched& w) { return w.name == program.node; });
        if (node == nodes.end()) {
            nodes.emplace_back().name = program.node;
            node = nodes.end() - 1;
        }
        node->processes.emplace_back().facts = &program;
    }
    for (Watched& node : nodes) fill(facts, node);
    return nodes;
}

int count_tasks(const std::vector<Watched>& nodes) {
    std::size_t count = 0;
    for (const Watched& node : nodes) count += node.tasks.size();
    return static_cast<int>(count);
}

bool nothing_watched(const Facts& facts, Judge& judge) {
    if (!facts.programs.empty()) return false;
    judge.skip(
        "no program is watched (warpstep check --step JOB.STEP and warpstep exec --diagnose -- CMD "
        "watch one)");
    return true;
}

namespace families {

std::vector<Rule> programs() {
    std::vector<Rule> all;
    for (auto table : {rules_of_used_gpus, rules_of_program_views, rules_of_program_state}) {
        for (const Rule& rule : table()) all.push_back(rule);
    }
    return all;
}

}  // namespace families
}  // namespace warpstep::check
