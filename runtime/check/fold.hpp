// SPDX-License-Identifier: Apache-2.0
// Findings put together for people: the same trouble of many subjects is said once. The only place
// that does so; machines read every finding as it is.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/finding.hpp"

namespace warpstep::check {

/// Findings of one rule that say the same, and how to say it.
struct Fold {
    std::vector<const Finding*> all;  ///< at least one; not owned
    std::string whom;                 ///< "GPUs 0-3,6 on n1, n2", "ranks 0-7 on n1"
    std::string evidence;             ///< what was seen, of one of them where it differs
    std::string fix;                  ///< what to type for all of them
    std::string measured, expected, unit, peers;  ///< "" where they differ
    const Finding& first() const { return *all.front(); }
};

/// Findings of one rule and verdict are together when they differ in nothing but the subject's own
/// names, or when they are many and have Finding::common, or evidence that differs in numbers only.
/// Commands that differ in the names of GPUs and nodes are united. In the order of the first of
/// each. `facts` may be nullptr: GPUs then go by their UUIDs.
std::vector<Fold> fold(const std::vector<const Finding*>& findings, const Facts* facts);
/// The same of one finding.
Fold alone(const Finding& finding, const Facts* facts);

}  // namespace warpstep::check
