// SPDX-License-Identifier: Apache-2.0
// Whom a verdict is about, in words.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/finding.hpp"

namespace warpstep::check {

/// "GPU 3 (GPU-1234…) on n1" for one; "GPUs 0-7 on n1, n2", "ranks 0-7 on n1", "n1, n2 and 30
/// more". The same one counts once. Not for none.
std::string show_subjects(const std::vector<Subject>& subjects, const Facts* facts);

/// Of what is only counted: "rank 3 on n1", "8 ranks on n1", "32 GPUs", "the step".
std::string counted_subjects(const Finding& finding);

}  // namespace warpstep::check
