// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include "runtime/cli/lead.hpp"

namespace warpstep::cli {

/// The options that `map` and `exec` share. `options` must outlive the parsing.
void add_lead_options(CLI::App& command, LeadOptions& options);

}  // namespace warpstep::cli
