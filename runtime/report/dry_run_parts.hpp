// SPDX-License-Identifier: Apache-2.0
// What the sections of a dry run are made of; private to this room.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/accesses.hpp"
#include "runtime/report/dry_run.hpp"

namespace warpstep::report {

/// Ranks for which something is the same; the first one stands for all.
using Fold = std::vector<std::vector<int>>;
/// Groups the indices 0 … ranks-1 by `same`, in order of the first one.
Fold fold(std::size_t ranks, const std::function<bool(std::size_t, std::size_t)>& same);
/// Beyond this many kinds of ranks only their number is shown.
constexpr std::size_t most_kinds_shown = 4;
/// "… and 3 other kinds of ranks; --json - shows all", "" for 0.
std::string hidden_kinds(std::size_t count);

/// Pieces behind a head, separated by " · " and broken between pieces or words where the line is
/// full; what follows is indented by `hang` columns.
std::string flow(const std::string& head, const std::vector<std::string>& pieces, std::size_t hang,
                 std::size_t width);
/// Columns of a text on a terminal.
std::size_t columns_of(std::string_view text);
std::string padded_to(std::string text, std::size_t columns);

/// Words in the order of `names`, separated by ", ".
std::string listed(const std::set<std::string>& names);
/// "b, c → a" of a step that is no container.
std::string show_accesses(const plan::Accesses& accesses);
/// "normal, seed 1"
std::string show_init(const plan::BufferPlan& plan, const workload::BufferSpec& spec);
std::string_view name_of(workload::MemoryKind kind);
/// "4096 x 4096"
std::string show_shape(const std::vector<std::int64_t>& shape);

/// The tree of steps.
std::string step_section(const DryRun& run, std::size_t width);

}  // namespace warpstep::report
