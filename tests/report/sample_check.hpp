// SPDX-License-Identifier: Apache-2.0
// Checks of steps that tests and pages are shown with. The facts must outlive the reports.
#pragma once

#include "runtime/report/check_report.hpp"

namespace warpstep::test {

/// One finding of each verdict, without facts; "GPU-b" and "GPU-c" on n1 and n2 fail in the same
/// way.
report::CheckReport small_check();

/// healthy_step() with measurements, judged by the real rules.
check::Facts healthy_check_facts();
report::CheckReport healthy_check(const check::Facts& facts);

/// The same with a slow GPU, one with failed remapping, one that was not granted, an adapter that
/// is down, a silent rank and a probe that did not end.
check::Facts broken_check_facts();
report::CheckReport broken_check(const check::Facts& facts);

/// Texts that no format may take for its own syntax, and no rank at all.
check::Facts awkward_check_facts();
report::CheckReport awkward_check(const check::Facts& facts);

}  // namespace warpstep::test
