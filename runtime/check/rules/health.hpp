// SPDX-License-Identifier: Apache-2.0
// The parts of the table of health rules.
#pragma once

#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check::health {

std::vector<Rule> faults();  ///< lost GPUs, hung drivers, what the driver asks for
std::vector<Rule> xids();    ///< what the kernel log says
std::vector<Rule> ecc();     ///< errors of the memory
std::vector<Rule> remaps();  ///< rows and pages that were taken out of use
std::vector<Rule> speed();   ///< what holds the clocks down
std::vector<Rule> modes();   ///< settings of the administrator

}  // namespace warpstep::check::health
