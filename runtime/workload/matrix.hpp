// SPDX-License-Identifier: Apache-2.0
// The runs that `matrix:` asks for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/workload/workload.hpp"

namespace warpstep::workload {

/// The values of the axes for each run, the first axis slowest. One empty combination when there is
/// no matrix; an axis that --set fixed has one value.
std::vector<std::vector<Param>> combinations(const Workload& workload);

/// How many there are, however many that is.
std::uint64_t count_combinations(const Workload& workload);
/// The one at `index` of them. Precondition: index < count_combinations().
std::vector<Param> combination(const Workload& workload, std::uint64_t index);

/// The workload with these values of params; names that it does not have come before the others.
Workload with_params(Workload workload, const std::vector<Param>& values);

/// " [n=1Ki m=1]", behind the names of steps; "" for no values.
std::string combination_suffix(const std::vector<Param>& values);

}  // namespace warpstep::workload
