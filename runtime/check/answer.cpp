// SPDX-License-Identifier: Apache-2.0
// The one sentence that a report leads with.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "runtime/check/gpu_use.hpp"
#include "runtime/check/rules/same_trouble.hpp"
#include "runtime/check/verdict.hpp"

namespace warpstep::check {
namespace {

/// One cause hides those behind it: what was not started by srun has no ranks to compare, a step of
/// one task uses one GPU however it sees them, and so on.
constexpr std::array causes{
    "launch-no-srun",
    "program-not-in-step",
    "slurm-pmix-missing",
    "launch-job-name",
    "grant-one-task",
    "program-single-process",
    "grant-gpu-not-requested",
    "grant-exclusive-without-gpus",
    "gpu-visible-set",
    "program-visible-changed",
    "program-fork-after-cuda",
    "program-one-gpu",
    "gpu-ordinal",
    "program-ordinal",
};

bool fires(const Finding& finding) {
    return finding.verdict == Verdict::fail || finding.verdict == Verdict::warn;
}

std::string is_or_are(std::size_t count) {
    return count == 1 ? "is" : "are";
}

/// "all 16 GPUs of 2 nodes are used, one rank each", "7 of 8 GPUs are used"
std::string counted_use(const GpuUse& use) {
    const std::size_t granted = use.granted(), used = use.used(), users = use.users();
    if (used < granted)
        return fmt::format("{} of {} {} used", used, counted(granted, "GPU"), is_or_are(used));
    const auto with_gpus = static_cast<std::size_t>(std::count_if(
        use.nodes.begin(), use.nodes.end(), [](const NodeUse& node) { return node.granted > 0; }));
    const std::string place = with_gpus == 1 ? "" : fmt::format(" of {} nodes", with_gpus);
    const char* who = use.by_programs ? "process" : "rank";
    const std::string each =
        users == used ? fmt::format("one {} each", who) : fmt::format("by {}", counted(users, who));
    if (granted == 1) return fmt::format("the 1 GPU{} is used, {}", place, each);
    return fmt::format("all {} GPUs{} are used, {}", granted, place, each);
}

/// What to start so that idle GPUs get a task; "" when the nodes differ and no number fits all.
std::string more_tasks(const Facts& facts, const GpuUse& use) {
    if (!facts.in_slurm())
        return fmt::format("start one rank per GPU (warpstep run --local-ranks {})", use.granted());
    std::set<std::size_t> counts;
    for (const NodeUse& node : use.nodes) counts.insert(node.granted);
    if (counts.size() == 1)
        return fmt::format("start {0} tasks per node (srun --ntasks-per-node={0})",
                           *counts.begin());
    return "start as many tasks on each node as it has GPUs (srun --ntasks-per-gpu=1)";
}

std::string idle_gpus(const GpuUse& use) {
    const std::size_t idle = use.granted() - use.used();
    for (const NodeUse& node : use.nodes) {
        if (node.idle.empty()) continue;
        const char* what = use.by_programs ? "process" : "task";
        if (idle == 1) return fmt::format("{} on {} has no {}", node.idle[0], node.name, what);
        return fmt::format("{} GPUs, such as {} on {}, have no {}", idle, node.idle[0], node.name,
                           what);
    }
    return "";
}

const Finding* worst(const std::vector<Finding>& findings) {
    const Finding* found = nullptr;
    const auto rank = [](const Finding& finding) {
        return finding.verdict == Verdict::fail            ? 0
               : finding.severity == Severity::information ? 2
                                                           : 1;
    };
    for (const Finding& finding : findings) {
        if (!fires(finding)) continue;
        if (found == nullptr || rank(finding) < rank(*found)) found = &finding;
    }
    return found != nullptr && rank(*found) < 2 ? found : nullptr;
}

std::string sentence_of(const Finding& finding) {
    const bool named = finding.evidence.find(show(finding.subject)) != std::string::npos;
    const bool step = finding.subject == Subject{};
    std::string fix = finding.fix;
    while (fix.ends_with('.')) fix.pop_back();
    return fmt::format("{}{} ({}): {}", named || step ? "" : show(finding.subject) + ": ",
                       finding.evidence, finding.rule, fix);
}

std::size_t unmeasured(const std::vector<Finding>& findings) {
    std::set<std::string> rules;
    for (const Finding& finding : findings) {
        if (finding.verdict == Verdict::unknown) rules.insert(finding.rule);
    }
    return rules.size();
}

/// How much of the step was looked at, when that is not all of it.
std::string degraded(const Facts& facts) {
    const int seen = static_cast<int>(facts.ranks.size());
    if (!facts.silent_ranks.empty())
        return fmt::format("; judged without {}, which did not answer",
                           facts.silent_ranks.size() == 1
                               ? fmt::format("rank {}", facts.silent_ranks.front())
                               : counted(facts.silent_ranks.size(), "rank"));
    const RankFacts* first = seen > 0 ? &facts.ranks.front() : nullptr;
    const int tasks = first == nullptr ? 0 : number(first->env, "SLURM_STEP_NUM_TASKS").value_or(0);
    if (first == nullptr || first->pmix.answered || tasks <= seen) return "";
    return fmt::format("; judged by {} of {} alone, since no PMIx server answered",
                       counted(static_cast<std::size_t>(seen), "task"), tasks);
}

std::string nothing_fires(const Facts& facts, const GpuUse& use,
                          const std::vector<Finding>& findings) {
    if (use.granted() > use.used())
        return fmt::format("{}; {}: {}", counted_use(use), idle_gpus(use),
                           use.by_programs
                               ? "let a process of its own select each (srun … warpstep "
                                 "exec --visible one -- CMD)"
                               : more_tasks(facts, use));
    const std::size_t unknown = unmeasured(findings);
    const std::string rest =
        unknown == 0
            ? "nothing to do"
            : fmt::format("nothing to do, but {} could not be measured", counted(unknown, "rule"));
    return fmt::format("{}; {}", counted_use(use), rest);
}

}  // namespace

const Finding* main_cause(const std::vector<Finding>& findings) {
    for (const char* cause : causes) {
        for (const Finding& finding : findings) {
            if (finding.rule == cause && fires(finding)) return &finding;
        }
    }
    return nullptr;
}

std::string answer(const Facts& facts, const std::vector<Finding>& findings) {
    const GpuUse use = use_of_gpus(facts);
    const Finding* cause = main_cause(findings);
    const bool idle = use.problem.empty() && use.granted() > use.used();
    if (cause == nullptr) {
        const Finding* bad = worst(findings);
        // A warning does not say why GPUs are idle; an error comes first.
        if (bad != nullptr && (!idle || bad->verdict == Verdict::fail)) cause = bad;
    }
    std::string text;
    if (!use.problem.empty())
        text = fmt::format("how many GPUs are used could not be measured ({})", use.problem);
    else if (use.granted() == 0)
        text = "no GPU is granted to this step";
    else if (cause != nullptr)
        text = counted_use(use);
    if (cause != nullptr)
        text += "; " + sentence_of(*cause);
    else if (text.empty())
        text = nothing_fires(facts, use, findings);
    return text + degraded(facts);
}

}  // namespace warpstep::check
