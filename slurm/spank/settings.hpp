// SPDX-License-Identifier: Apache-2.0
// What the site says: the words behind the plugin's path in plugstack.conf. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace warpstep::spank {

struct Settings {
    std::string program;                ///< warpstep=: absolute path on the compute nodes
    bool on_by_default = false;         ///< default=on|off
    bool may_prepend = true;            ///< prepend=on|off
    std::chrono::seconds deadline{60};  ///< timeout=: in which the program answers
};

/// Errors: Failure naming the word; no key has two meanings, and warpstep= must be there.
Settings parse_settings(const std::vector<std::string_view>& words);

}  // namespace warpstep::spank
