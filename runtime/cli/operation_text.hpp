// SPDX-License-Identifier: Apache-2.0
// What a user must know to write a step, said from the operation's row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/operations.hpp"

namespace warpstep::cli {

/// "read", "value"; what `with` takes as it is written is a "word".
std::string_view role_of(const plan::OperationArgument& argument);
/// "[m, k]"; "" for what is no buffer.
std::string shape_of(const plan::OperationArgument& argument);
/// Words, default, meaning.
std::string note_of(const plan::OperationRow& row, const plan::OperationArgument& argument);
/// Lines: bytes and flops of one launch, and whether all ranks take part.
std::string cost_of(const plan::OperationRow& row);
/// "outside for_each", "none where the target does not vary"; "" for what there always is.
std::string existence_of(const workload::Metric& metric);
/// A piece of a workload file that declares the buffers and has the step.
std::string example_of(const plan::OperationRow& row);

/// docs/operations.md: every operation with all of this.
std::string operations_page(const std::vector<plan::OperationRow>& rows);

}  // namespace warpstep::cli
