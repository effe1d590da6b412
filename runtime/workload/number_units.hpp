// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/value.hpp"

namespace warpstep::workload {

/// What stands behind a number: the number times `multiply`, divided by `divide`.
struct Suffix {
    std::int64_t multiply = 1;
    std::int64_t divide = 1;
    Unit unit;
};

/// "Mi", "GB", "ms", "GB/s", …
std::optional<Suffix> find_suffix(std::string_view text);
/// All of them, for "did you mean".
std::vector<std::string> suffix_names();
/// `number` with its suffix: exact where possible. Errors: Problem on overflow.
Value with_suffix(const Value& number, const Suffix& suffix);

}  // namespace warpstep::workload
