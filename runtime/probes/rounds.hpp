// SPDX-License-Identifier: Apache-2.0
// Who runs a probe with whom, one round after the other. Pure.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "runtime/probes/probe.hpp"
#include "runtime/probes/seats.hpp"

namespace warpstep::check::probes {

/// Groups of seats (indices) that run at the same time; a seat is in one of them at most.
using Round = std::vector<std::vector<int>>;

/// Seats in `lost` take part in nothing; groups with too few seats are left out. No rounds: there
/// is nobody to run it.
std::vector<Round> rounds_of(const Probe& probe, const std::vector<Seat>& seats,
                             const std::set<int>& lost = {});

/// The step that the children of a group form, from the side of the n-th of them. `parent`: of the
/// ranks that start them.
step::Step step_of(const step::Step& parent, const std::vector<Seat>& group, std::size_t n);

/// Every pair of 0..count-1 once, nobody twice in a round: the circle method.
std::vector<std::vector<std::pair<int, int>>> pairings(int count);

}  // namespace warpstep::check::probes
