// SPDX-License-Identifier: Apache-2.0
// From the reports of a probe's children to samples. Pure.
#pragma once

#include <vector>

#include "runtime/check/measurement.hpp"
#include "runtime/probes/child.hpp"
#include "runtime/probes/probe.hpp"
#include "runtime/probes/seats.hpp"

namespace warpstep::check::probes {

/// `group`: the seats that ran together, in the order of the children's ranks; `answers`: theirs.
/// Never throws for what a child wrote: a report that cannot be read is a problem. With a problem
/// there is one sample of each kind and seat (or group), without a value; several seats of one
/// group have the problem of the child that is to blame as far as it can be told: one that hung,
/// else one that was killed, else the first that said something.
std::vector<Sample> read_report(const Probe& probe, const std::vector<Seat>& group,
                                const std::vector<Answer>& answers);

/// Samples without values, for a group that was not asked.
std::vector<Sample> not_measured(const Probe& probe, const std::vector<Seat>& group,
                                 const std::string& problem);

}  // namespace warpstep::check::probes
