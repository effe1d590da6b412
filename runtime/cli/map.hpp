// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include <string>

#include "runtime/cli/lead.hpp"

namespace warpstep::cli {

struct MapOptions {
    LeadOptions lead;
    bool as_is = false;            ///< bind nothing: show what the launcher did
    bool strict = false;           ///< an exception is bad, too
    std::string format = "table";  ///< table, json or svg
    std::string output;            ///< "": standard output
};

CLI::App* add_map(CLI::App& app, MapOptions& options);

/// Places and binds every task of the step, reads back what became of it and prints one table.
/// Exit code 1 when a verdict is bad.
int map(const MapOptions& options);

}  // namespace warpstep::cli
