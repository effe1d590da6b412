// SPDX-License-Identifier: Apache-2.0
// The parts of the family "launch".
#pragma once

#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check::families {

inline constexpr char launch_heading[] = "Launch";

std::vector<Rule> launch_identity();  ///< does every task know who it is?
std::vector<Rule> launch_pmix();      ///< what the PMIx library needs
std::vector<Rule> launch_counts();    ///< do the launcher's counts fit what frameworks read?
std::vector<Rule> launch_order();     ///< which rank is where
std::vector<Rule> launch_nesting();   ///< a launcher in the launcher

}  // namespace warpstep::check::families
