// SPDX-License-Identifier: Apache-2.0
// The one sentence that a report leads with.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "runtime/base/counted.hpp"
#include "runtime/check/fold.hpp"
#include "runtime/check/gpu_use.hpp"
#include "runtime/check/verdict.hpp"

namespace warpstep::check {
namespace {

/// What explains how many GPUs are used. Of equal weight, one cause hides those behind it: what was
/// not started by srun has no ranks to compare, a step of one task uses one GPU however it sees
/// them, and so on.
constexpr std::array<std::string_view, 20> causes{
    "launch-no-srun",
    "program-not-in-step",
    "slurm-pmix-missing",
    "grant-one-task",
    "program-single-process",
    "grant-gpu-not-requested",
    "grant-exclusive-without-gpus",
    "slurm-gpu-count",
    "gpu-visible-set",
    "gpu-double-visible",
    "program-visible-changed",
    "gpu-bind-map",
    "gpu-shared-by-ranks",
    "program-fork-after-cuda",
    "program-one-gpu",
    "gpu-ordinal",
    "program-ordinal",
    "gpu-lost",
    "grant-idle-gpus",
    "program-no-gpu",
};

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
    std::string each =
        users == used ? fmt::format("one {} each", who) : fmt::format("by {}", counted(users, who));
    if (use.left_over() > 0)
        each += fmt::format(", and {} {} none left", counted(use.left_over(), who),
                            use.left_over() == 1 ? "finds" : "find");
    if (granted == 1) return fmt::format("the 1 GPU{} is used, {}", place, each);
    return fmt::format("all {} GPUs{} are used, {}", granted, place, each);
}

/// What to start so that idle GPUs get a task.
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
    const char* what = use.by_programs ? "process" : "task";
    for (const NodeUse& node : use.nodes) {
        if (node.idle.empty()) continue;
        if (idle == 1) return fmt::format("{} on {} has no {}", node.idle[0], node.name, what);
        return fmt::format("{} GPUs, such as {} on {}, have no {}", idle, node.idle[0], node.name,
                           what);
    }
    return fmt::format("{} {} no {}", counted(idle, "GPU"), idle == 1 ? "has" : "have", what);
}

/// 0 of an error, 1 of a warning; nothing of what does not fire, and of informations, which never
/// lead.
std::optional<int> weight_of(const Finding& finding) {
    if (finding.verdict == Verdict::fail) return 0;
    const bool warns =
        finding.verdict == Verdict::warn && finding.severity != Severity::information;
    return warns ? std::optional(1) : std::nullopt;
}

const Finding* worst(const std::vector<Finding>& findings) {
    const Finding* found = nullptr;
    for (const Finding& finding : findings) {
        const auto weight = weight_of(finding);
        if (weight && (found == nullptr || *weight < *weight_of(*found))) found = &finding;
    }
    return found;
}

/// Fixes are sentences of their own in the documentation.
std::string as_clause(std::string fix) {
    while (fix.ends_with('.')) fix.pop_back();
    const auto letter = [&](std::size_t i) { return static_cast<unsigned char>(fix[i]); };
    if (fix.size() > 1 && std::isupper(letter(0)) && std::islower(letter(1)))
        fix[0] = static_cast<char>(std::tolower(letter(0)));
    return fix;
}

/// The finding with all of its rule that say the same.
Fold with_its_like(const Facts& facts, const std::vector<Finding>& findings,
                   const Finding& finding) {
    std::vector<const Finding*> of_rule;
    for (const Finding& other : findings) {
        if (other.rule == finding.rule && other.verdict == finding.verdict)
            of_rule.push_back(&other);
    }
    for (Fold& one : fold(of_rule, &facts)) {
        if (std::find(one.all.begin(), one.all.end(), &finding) != one.all.end())
            return std::move(one);
    }
    return alone(finding, &facts);
}

std::string sentence_of(const Facts& facts, const std::vector<Finding>& findings,
                        const Finding& finding) {
    const Fold all = with_its_like(facts, findings, finding);
    const bool of_step = finding.subject.kind() == Kind::step;
    return fmt::format("{}{} ({}): {}", of_step ? "" : all.whom + ": ", all.evidence, finding.rule,
                       as_clause(all.fix.substr(0, all.fix.find('\n'))));
}

std::size_t unmeasured(const std::vector<Finding>& findings) {
    std::set<std::string> rules;
    for (const Finding& finding : findings) {
        if (finding.verdict == Verdict::unknown) rules.insert(finding.rule);
    }
    return rules.size();
}

/// How much of the step was looked at, "" when that is all of it.
std::string degraded(const Facts& facts) {
    if (!facts.silent_ranks.empty())
        return fmt::format("only {} of {} ranks answered", facts.ranks.size(), facts.size);
    if (facts.ranks.empty()) return "nothing could be measured (no rank answered)";
    const RankFacts& first = facts.ranks.front();
    const int seen = static_cast<int>(facts.ranks.size());
    const int tasks = number(first.env, "SLURM_STEP_NUM_TASKS").value_or(0);
    const bool in_step = first.env.contains("SLURM_STEP_ID") && !first.pmix.answered;
    if (!in_step || tasks <= seen) return "";
    return fmt::format("only {} of {} tasks {} judged, since no PMIx server answered", seen, tasks,
                       is_or_are(static_cast<std::size_t>(seen)));
}

/// `counted_all`: it is known how many GPUs are used.
std::string rest(const std::vector<Finding>& findings, bool counted_all) {
    if (!counted_all) return "nothing is wrong with what was judged";
    const std::size_t unknown = unmeasured(findings);
    if (unknown == 0) return "nothing to do";
    return fmt::format("nothing to do, but {} could not be measured", counted(unknown, "rule"));
}

/// How many GPUs are used, or why that is not known.
std::string said_of_gpus(const Facts& facts, const GpuUse& use) {
    const std::string part = use.by_programs ? "" : degraded(facts);
    if (!part.empty()) return part;
    if (!use.not_found.empty()) return use.not_found + ": not judged";
    if (!use.problem.empty())
        return fmt::format("how many GPUs are used could not be measured ({})", use.problem);
    if (use.granted() == 0) return "no GPU is granted to this step";
    return counted_use(use);
}

/// Idle GPUs where nothing else explains them.
std::string remedy_for_idle(const Facts& facts, const GpuUse& use) {
    return fmt::format("{}: {}", idle_gpus(use),
                       use.by_programs ? "let a process of its own select each (srun … warpstep "
                                         "exec --visible one -- CMD)"
                                       : more_tasks(facts, use));
}

}  // namespace

const Finding* main_cause(const std::vector<Finding>& findings) {
    const Finding* found = nullptr;
    std::pair<int, std::size_t> best;
    for (const Finding& finding : findings) {
        const auto weight = weight_of(finding);
        const auto cause = std::find(causes.begin(), causes.end(), finding.rule);
        if (!weight || cause == causes.end()) continue;
        const std::pair own{*weight, static_cast<std::size_t>(cause - causes.begin())};
        if (found != nullptr && best <= own) continue;
        found = &finding;
        best = own;
    }
    return found;
}

std::string answer(const Facts& facts, const std::vector<Finding>& findings) {
    const GpuUse use = use_of_gpus(facts);
    const bool all_judged = use.by_programs || degraded(facts).empty();
    const bool idle = all_judged && use.problem.empty() && use.granted() > use.used();
    const Finding* cause = main_cause(findings);
    const Finding* bad = worst(findings);
    // A warning that is no known cause does not say why GPUs are idle; where none is, the worst
    // leads.
    const bool worse = bad != nullptr && cause != nullptr && *weight_of(*bad) < *weight_of(*cause);
    if (bad != nullptr &&
        (cause == nullptr ? !idle || bad->verdict == Verdict::fail : !idle && worse))
        cause = bad;
    const std::string text = said_of_gpus(facts, use) + "; ";
    const bool fails = cause != nullptr && cause->verdict == Verdict::fail;
    if (!use.not_found.empty() && !fails)
        return text + "run nvidia-smi there; in a container pass the devices on (--gpus all, --nv)";
    if (cause != nullptr) return text + sentence_of(facts, findings, *cause);
    return text +
           (idle ? remedy_for_idle(facts, use) : rest(findings, all_judged && use.problem.empty()));
}

}  // namespace warpstep::check
