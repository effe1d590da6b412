// SPDX-License-Identifier: Apache-2.0
// The steps of a dry run as a tree: numbers and names on the left, what is decided on the right.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/plan/order.hpp"
#include "runtime/report/dry_run_parts.hpp"

namespace warpstep::report {
namespace {

using plan::StepPlan;

std::string show_extents(const std::array<std::uint32_t, 3>& extents) {
    std::string text = std::to_string(extents[0]);
    for (std::size_t i = 1; i < 3 && (extents[1] > 1 || extents[2] > 1); ++i) {
        if (i == 2 && extents[2] == 1) break;
        text += fmt::format("x{}", extents[i]);
    }
    return text;
}

std::string show_launch(const StepPlan::Launch& launch) {
    std::string text = fmt::format("{} blocks of {} threads", show_extents(launch.grid),
                                   show_extents(launch.block));
    if (launch.shared_bytes > 0) {
        text += fmt::format(" with {} of shared memory", show_bytes(launch.shared_bytes));
    }
    return text;
}

std::string times_of(std::int64_t warmup, std::int64_t times, std::string_view noun) {
    if (warmup == 0) return fmt::format("{} {}", times, noun);
    return fmt::format("{} + {} {}", warmup, times, noun);
}

std::string show_loops(const StepPlan& step) {
    std::vector<std::string> loops;
    for (std::size_t i = 0; i < step.turns.size(); ++i) {
        const auto& loop = step.spec->for_each[i];
        loops.push_back(loop.kind == workload::Loop::Kind::range
                            ? fmt::format("{} turns of {}", step.turns[i], loop.variable)
                            : fmt::format("{} batches of {}", step.turns[i], loop.dataset));
    }
    return join(loops, " x ");
}

std::string show_group(const StepPlan& step, int ranks) {
    const std::string size =
        step.message_bytes ? show_bytes(*step.message_bytes) + " " : std::string();
    const auto members = static_cast<int>(step.group->size());
    if (members < ranks) return size + "among " + plan::show_ranks(*step.group);
    return size + "among " + counted(ranks, "rank");
}

/// The right side of one step on one kind of ranks.
std::vector<std::string> pieces_of(const StepPlan& step, const plan::Accesses& accesses,
                                   int ranks) {
    const workload::Step& spec = *step.spec;
    std::vector<std::string> pieces;
    const auto add = [&](std::string piece) {
        if (!piece.empty()) pieces.push_back(std::move(piece));
    };
    if (!step.active) {
        if (spec.condition) add("not run: if " + spec.condition->text());
        if (!spec.condition) add("not run");
        return pieces;
    }
    if (!step.member) {
        add("not in the group: " + spec.group->value.text());
        return pieces;
    }
    add(show_accesses(accesses));
    if (step.note) add(show_group(step, ranks));
    if (step.launch) add(show_launch(*step.launch));
    if (spec.warmup || spec.times) add(times_of(step.warmup, step.times, "runs"));
    if (step.launches) {
        add("a graph, " + times_of(step.graph_warmup, *step.launches, "launches"));
    }
    add(show_loops(step));
    if (!plan::stream_of(spec).empty()) add("stream " + spec.stream);
    if (spec.device && step.device) {
        add(fmt::format("device {}{}", *step.device,
                        step.falls_back ? " (the one asked for is not there)" : ""));
    }
    if (!spec.needs.empty()) {
        std::vector<std::string> names;
        for (const auto& need : spec.needs) names.push_back(need.step);
        add("after " + join(names, ", "));
    }
    if (spec.condition) add("if " + spec.condition->text());
    if (step.timeout) {
        add("timeout " + show_seconds(static_cast<double>(step.timeout->count()) / 1e3));
    }
    if (!spec.verify.empty()) {
        std::set<std::string> names;
        for (const auto& rule : spec.verify) names.insert(rule.buffer);
        add("verifies " + listed(names));
    }
    if (!spec.expect.empty()) {
        add(counted(spec.expect.size(), "expectation"));
    }
    if (spec.continue_on_error) add("may fail");
    return pieces;
}

/// Columns of the two columns on the left.
struct StepColumns {
    std::size_t name = 0, run = 0;
    std::size_t hang() const { return name + run; }
};

std::string head_of(const StepPlan& step) {
    return fmt::format("{}{} {}", std::string(2 * step.depth + 1, ' '), step.number,
                       step.spec->name);
}

StepColumns layout_of(const std::vector<StepPlan>& steps, std::size_t width) {
    StepColumns layout;
    for (const StepPlan& step : steps) {
        layout.name = std::max(layout.name, columns_of(head_of(step)) + 2);
        if (!step.spec->run.empty()) {
            layout.run = std::max(layout.run, columns_of(step.spec->run) + 2);
        }
    }
    layout.name = std::min(layout.name, width * 2 / 5);
    layout.run = std::min(layout.run, width / 4);
    return layout;
}

// A cell that is too long pushes what follows to the right, by two spaces at least.
std::string left_side(const StepPlan& step, const StepColumns& layout) {
    std::string text = padded_to(head_of(step) + "  ", layout.name);
    const std::string run = step.spec->run.empty() ? "" : step.spec->run + "  ";
    return padded_to(text + run, layout.hang());
}

std::string show_step(const DryRun& run, std::size_t index, const StepColumns& layout,
                      std::size_t width) {
    const auto& programs = run.programs;
    const StepPlan& first = programs[0]->steps[index];
    const auto accesses = plan::run_accesses_of(*first.spec, run.workload);
    const auto pieces = [&](std::size_t rank) {
        return pieces_of(programs[rank]->steps[index], accesses, run.ranks);
    };
    const auto groups = fold(programs.size(), [&](std::size_t a, std::size_t b) {
        return programs[a] == programs[b] || programs[a]->steps[index] == programs[b]->steps[index];
    });
    const std::string head = left_side(first, layout);
    // A long head leaves no room beside it.
    const std::size_t hang = std::min(layout.hang(), width / 2);
    const bool below = columns_of(head) + 16 > width;
    if (groups.size() == 1) {
        if (!below) return flow(head, pieces(0), hang, width);
        return flow(head, {}, hang, width) + flow(std::string(hang, ' '), pieces(0), hang, width);
    }
    std::string text;
    for (std::size_t g = 0; g < std::min(groups.size(), most_kinds_shown); ++g) {
        const std::string who = plan::show_ranks(groups[g]) + ": ";
        auto right = pieces(static_cast<std::size_t>(groups[g].front()));
        if (right.empty()) right.emplace_back("run");
        right.front() = who + right.front();
        if (g == 0 && !below) {
            text += flow(head, right, hang + 2, width);
        } else {
            if (g == 0) text += flow(head, {}, hang, width);
            text += flow(std::string(hang, ' '), right, hang + 2, width);
        }
    }
    if (groups.size() > most_kinds_shown) {
        text += flow(std::string(hang, ' '), {hidden_kinds(groups.size() - most_kinds_shown)},
                     hang + 2, width);
    }
    return text;
}

}  // namespace

std::string step_section(const DryRun& run, std::size_t width) {
    const StepColumns layout = layout_of(run.programs[0]->steps, width);
    std::string text;
    for (std::size_t i = 0; i < run.programs[0]->steps.size(); ++i) {
        text += show_step(run, i, layout, width);
    }
    return text;
}

}  // namespace warpstep::report
