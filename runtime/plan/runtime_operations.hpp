// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "runtime/plan/operations.hpp"

namespace warpstep::plan {

/// The rows of what only the runtime can do; private to this room. An operation is a row here and a
/// file of runtime/execution.
std::vector<OperationRow> runtime_operations();

}  // namespace warpstep::plan
