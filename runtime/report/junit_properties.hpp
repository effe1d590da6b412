// SPDX-License-Identifier: Apache-2.0
// Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warpstep::report {

/// The properties of a test suite, names and values, in JUnit XML; what is empty is left out.
std::string junit_properties(const std::vector<std::pair<std::string_view, std::string>>& all);

}  // namespace warpstep::report
