// SPDX-License-Identifier: Apache-2.0
// The parts of the table of link rules.
#pragma once

#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check::links {

std::vector<Rule> nvlink();  ///< and the fabric behind it
std::vector<Rule> pcie();

}  // namespace warpstep::check::links
