// SPDX-License-Identifier: Apache-2.0
// Words of a command line or a configuration file. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace warpstep::spank {

/// The parts between commas, empty ones included.
std::vector<std::string_view> split_words(std::string_view text);

/// NAME or NAME=VALUE; borrows the text.
struct Assignment {
    std::string_view name, value;
    bool has_value = false;
};
Assignment split_assignment(std::string_view text);

/// A decimal number without sign; nothing for any other text.
std::optional<int> parse_number(std::string_view text);

}  // namespace warpstep::spank
