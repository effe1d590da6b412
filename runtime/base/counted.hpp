// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace warpstep {

/// "1 node", "3 nodes", "2 processes": a number and what it counts.
std::string counted(std::int64_t count, std::string_view noun);

}  // namespace warpstep
