// SPDX-License-Identifier: Apache-2.0
// The file format for editors and for people, from the description that the loader checks against.
#pragma once

#include <string>

namespace warpstep::workload {

/// JSON Schema, draft 7 (what the YAML language server reads), with a line end at the end.
std::string json_schema();
/// docs/workload-reference.md.
std::string reference_markdown();

}  // namespace warpstep::workload
