// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/gpu_use.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/check/gpu_shares.hpp"
#include "runtime/check/gpu_view.hpp"
#include "runtime/check/rule.hpp"
#include "runtime/check/rules/programs.hpp"
#include "runtime/check/show_subjects.hpp"

namespace warpstep::check {
namespace {

using Names = std::vector<std::string>;

/// `count`: how many were granted, when Slurm tells more than which.
NodeUse use_of(const std::string& name, const Names& granted, std::size_t count,
               const std::set<std::string>& used, std::size_t users) {
    NodeUse use{name, std::max(granted.size(), count), 0, users, 0, {}};
    for (const std::string& gpu : granted) {
        if (used.contains(gpu))
            ++use.used;
        else
            use.idle.push_back(gpu);
    }
    return use;
}

GpuUse use_by_programs(const Facts& facts) {
    GpuUse use;
    use.by_programs = true;
    for (const Watched& node : watched(facts)) {
        const bool told = node.facts == nullptr || node.facts->gpu_problem.empty();
        if (node.used.empty() && !told) use.problem = node.facts->gpu_problem;
        const auto users =
            std::count_if(node.processes.begin(), node.processes.end(),
                          [](const Process& p) { return !p.used.empty() && !p.forked(); });
        use.nodes.push_back(use_of(node.name, node.granted, node.granted_count,
                                   {node.used.begin(), node.used.end()},
                                   static_cast<std::size_t>(users)));
    }
    return use;
}

/// What keeps the node's granted GPUs from being found; "" when they are.
std::string why_none_found(const NodeFacts& node) {
    if (node.described || !node.gpus.empty()) return "";
    return node.gpu_problem.empty() ? "no NVIDIA driver" : node.gpu_problem;
}

/// Granted GPUs of nodes where no GPU can be found, with the first node's reason.
void note_not_found(const Facts& facts, GpuUse& use) {
    std::size_t count = 0;
    std::vector<Subject> nodes;
    std::string why;
    for (std::size_t n = 0; n < use.nodes.size(); ++n) {
        const std::string here = why_none_found(facts.nodes[n]);
        if (here.empty() || use.nodes[n].granted == 0) continue;
        count += use.nodes[n].granted;
        nodes.push_back(subject_of(facts.nodes[n]));
        if (why.empty()) why = here;
    }
    if (count == 0) return;
    use.not_found = fmt::format("{} {} granted, but no GPU can be found on {} ({})",
                                counted(static_cast<std::int64_t>(count), "GPU"),
                                count == 1 ? "is" : "are", show_subjects(nodes, &facts), why);
    use.problem = use.not_found;
}

GpuUse use_by_ranks(const Facts& facts) {
    GpuUse use;
    if (facts.nodes.empty()) use.problem = "no node told what it has";
    if (!facts.intent.watched_step.empty())
        use.problem = "no process of step " + facts.intent.watched_step + " was found";
    const auto owned = own_gpus(facts);
    for (const NodeFacts& node : facts.nodes) {
        if (node.gpus.empty() && !node.gpu_problem.empty()) use.problem = node.gpu_problem;
        const Names granted = granted_on(facts, node);
        int count = 0;
        const bool in_parts = std::any_of(granted.begin(), granted.end(), is_mig);
        std::set<std::string> used;
        std::size_t users = 0, left_over = 0;
        for (const RankFacts* rank : facts.ranks_on(node.name)) {
            const auto gpu = owned.find(rank->rank);
            count = std::max(count, number(rank->env, "SLURM_GPUS_ON_NODE").value_or(0));
            const GpuView view = view_of(facts, *rank);
            if (!view.visible && use.problem.empty()) use.problem = view.visible_problem;
            if (gpu == owned.end()) {
                if (view.visible) ++left_over;
                continue;
            }
            if (is_mig(gpu->second) && !in_parts)
                use.problem = "tasks use MIG instances, and nothing tells which were granted";
            used.insert(gpu->second);
            ++users;
        }
        use.nodes.push_back(
            use_of(node.name, granted, static_cast<std::size_t>(count), used, users));
        use.nodes.back().left_over = left_over;
    }
    note_not_found(facts, use);
    return use;
}

}  // namespace

std::size_t GpuUse::sum(std::size_t NodeUse::*what) const {
    std::size_t total = 0;
    for (const NodeUse& node : nodes) total += node.*what;
    return total;
}

GpuUse use_of_gpus(const Facts& facts) {
    return facts.programs.empty() ? use_by_ranks(facts) : use_by_programs(facts);
}

}  // namespace warpstep::check
