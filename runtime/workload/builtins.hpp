// SPDX-License-Identifier: Apache-2.0
// The functions of the expression language, one line each in builtins.cpp.
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "runtime/workload/value.hpp"

namespace warpstep::workload {

struct Builtin {
    std::string_view name;
    std::string_view usage;  ///< "ceil_div(a, b)"
    std::string_view meaning;
    std::size_t least = 1, most = 1;
    /// Errors: Problem. nullptr for select, which evaluates only the chosen branch.
    Value (*apply)(const std::vector<Value>& arguments) = nullptr;
    bool same_units = false;  ///< a plain 0 takes the unit of the other arguments
};

const std::vector<Builtin>& builtins();
/// nullptr when there is none of that name.
const Builtin* find_builtin(std::string_view name);

}  // namespace warpstep::workload
