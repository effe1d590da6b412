// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/workload/load.hpp"

namespace warpstep::plan {

/// Every operation that `run:` may name: the kernels of the catalog and those that only the runtime
/// has.
const std::vector<workload::OperationSignature>& operations();
/// nullptr when there is none of that name.
const workload::OperationSignature* find_operation(const std::string& name);
/// Whether all ranks must take part in it.
bool is_collective(const std::string& run);
/// Buffers that take part in a collective of this step, by argument.
std::vector<std::string> collective_buffers(const workload::Step& step);
/// Of all these steps and what they contain.
std::set<std::string> collective_buffers(const std::vector<workload::Step>& steps);

}  // namespace warpstep::plan
