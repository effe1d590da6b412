// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace warpstep::report {

/// Whole SVG documents one below the other in one document; each keeps its own coordinates. Of many
/// the first eight, and a line that says how many more there are. Errors: LogicError for a text
/// without a viewBox.
std::string stack_svg(const std::vector<std::string>& pictures);

}  // namespace warpstep::report
