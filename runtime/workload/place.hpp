// SPDX-License-Identifier: Apache-2.0
// Errors with their place: "file:line:column: problem (why); what to type".
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/workload/expression.hpp"

namespace warpstep::workload {

/// Throws ConfigError "place: message".
template <typename... Args>
[[noreturn]] void fail_at(const Mark& mark, fmt::format_string<Args...> format, Args&&... args) {
    fail<ConfigError>("{}: {}", show(mark), fmt::format(format, std::forward<Args>(args)...));
}

/// The place `offset` characters behind `mark`, as far as that is known.
inline Mark shifted(Mark mark, int offset) {
    if (mark.exact) mark.column += offset;
    return mark;
}

}  // namespace warpstep::workload
