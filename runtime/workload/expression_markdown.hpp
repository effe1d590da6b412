// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace warpstep::workload {

/// The chapter on expressions of docs/workload-reference.md.
std::string expression_markdown();

}  // namespace warpstep::workload
