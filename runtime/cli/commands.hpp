// SPDX-License-Identifier: Apache-2.0
// One function for each command; each returns the exit code.
#pragma once

#include "runtime/cli/options.hpp"

namespace warpstep::cli {

/// Bind, bootstrap, execute, verify, measure, report.
int run(const RunOptions& options);
/// The catalog, or one kernel of it. Errors: ConfigError for an unknown name.
int kernels(const std::string& name);
/// All of them as docs/operations.md.
int kernels_page();
/// The file format: a JSON Schema for editors, or the reference page.
enum class SchemaForm { json, markdown };
int schema(SchemaForm form);
/// What was built in and what was found.
int version();

/// "0.1.0 (3f2c1ab)"
std::string version_text();

}  // namespace warpstep::cli
