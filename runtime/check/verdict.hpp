// SPDX-License-Identifier: Apache-2.0
// From facts to the verdict on the whole step.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/check/facts.hpp"
#include "runtime/check/finding.hpp"
#include "runtime/check/rule.hpp"

namespace warpstep::check {

/// Every rule of `level` and below on the facts, in the order of the table. A rule that throws
/// gives UNKNOWN with the reason. Pure.
Judgement judge(const Facts& facts, Level level);
/// The same with these rules only.
Judgement judge(const Facts& facts, const std::vector<const Rule*>& rules);

/// 1 with a FAIL (with `strict` also a WARN that is no information); 3 when an error rule is
/// UNKNOWN though this privilege could have measured it, or did (Finding::was_read); else 0.
ExitCode exit_code_of(const std::vector<Finding>& findings, bool strict);

/// The finding that answers "why is only one GPU used?": the most severe of those that explain it;
/// among equals the one that hides the others. nullptr: none of them fires. An information is none.
/// Source: docs/troubleshooting.md.
const Finding* main_cause(const std::vector<Finding>& findings);

/// One sentence: "7 of 8 GPUs are used; GPU-… on n2 has no task: start 4 tasks per node".
std::string answer(const Facts& facts, const std::vector<Finding>& findings);

}  // namespace warpstep::check
