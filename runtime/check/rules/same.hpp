// SPDX-License-Identifier: Apache-2.0
// Whether something is the same everywhere, and if not, who the minority is.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check {

/// What one node, rank or GPU has; "" reads "none".
struct Held {
    std::string value;
    Subject subject;
};

/// Fires when values differ: on each member of the minority, on the step where there is no
/// majority. SKIP with fewer than two subjects, or when none has a value. `what` is a noun: "NVIDIA
/// driver". NODES in the rule's fix is replaced by the nodes of the minority, a member's by its
/// own.
void judge_same(const char* what, const std::vector<Held>& all, Judge& judge);

}  // namespace warpstep::check
