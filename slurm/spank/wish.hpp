// SPDX-License-Identifier: Apache-2.0
// What a user asks for: the argument of --warpstep-bind. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warpstep::spank {

struct Wish {
    bool on = true;
    std::vector<std::string> options;  ///< of `warpstep exec`: {"--visible", "one"}
};

/// Words separated by commas: "visible=one,omp=1", "off"; "" is "on". Errors: Failure naming the
/// word.
Wish parse_wish(std::string_view text);

}  // namespace warpstep::spank
