// SPDX-License-Identifier: Apache-2.0
// One finding for what many subjects share, so that a step of 1,024 ranks does not print 1,024
// lines.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check {

/// A subject for which a rule fires, and what it would say. Equal texts are told together.
struct Hit {
    Subject subject;
    std::string evidence;
    Figure figure = {};
    std::string fix = {};  ///< "": the rule's own
};

/// Fires once for each distinct text: about the step when all `all` subjects say it, about the
/// subject itself when one says it, else about the node or the step with a list of whom.
void fire_together(Judge& judge, const std::vector<Hit>& hits, std::size_t all);

/// One UNKNOWN for all these nodes, none for no nodes.
void unknown_together(Judge& judge, const std::vector<std::string>& nodes, const std::string& why);

/// "ranks 0-3,7", "rank 3"
std::string show_ranks(std::vector<int> ranks);
/// "n1, n2, n3 and 61 more"
std::string show_names(const std::vector<std::string>& names);

}  // namespace warpstep::check
