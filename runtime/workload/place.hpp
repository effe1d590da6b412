// SPDX-License-Identifier: Apache-2.0
// Errors with their place: "file:line:column: problem (why); what to type".
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/workload/expression.hpp"

namespace warpstep::workload {

/// A ConfigError that knows its place.
struct PlacedError : ConfigError {
    PlacedError(Mark place, const std::string& text) : ConfigError(text), mark(std::move(place)) {}
    Mark mark;
};

/// Throws PlacedError "place: message".
template <typename... Args>
[[noreturn]] void fail_at(const Mark& mark, fmt::format_string<Args...> format, Args&&... args) {
    throw PlacedError(
        mark, fmt::format("{}: {}", show(mark), fmt::format(format, std::forward<Args>(args)...)));
}

/// The place `offset` characters behind `mark`, as far as that is known.
inline Mark shifted(Mark mark, int offset) {
    if (mark.exact) mark.column += offset;
    return mark;
}

}  // namespace warpstep::workload
