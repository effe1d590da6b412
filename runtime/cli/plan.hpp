// SPDX-License-Identifier: Apache-2.0
// `warpstep plan`: what the placement would be, without running anything.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace warpstep::cli {

enum class PlanFormat { table, json, svg };

/// The command line of `plan`.
struct PlanOptions {
    std::vector<std::string> topologies;  ///< FILE, FILExCOUNT, live; empty: live
    std::optional<int> tasks_per_node;    ///< --tasks; nothing: one per GPU, else one
    std::optional<int> tasks_in_all;      ///< --ntasks
    std::optional<std::string> allowed_cpus;
    std::optional<std::string> gpus;  ///< --gpus, as in CUDA_VISIBLE_DEVICES
    std::optional<int> cpus_per_task, gpus_per_task, pus_per_core;
    int share = 1;
    bool interleave = false, strict = false, explain = false;
    PlanFormat format = PlanFormat::table;
    std::string output;     ///< "": stdout
    std::string self_test;  ///< "", "generated" or a directory
    std::optional<int> count;
    unsigned seed = 1;
};

/// Registers the subcommand `plan`; `options` must outlive the parsing.
const CLI::App* add_plan(CLI::App& app, PlanOptions& options);

/// Plans and writes. Returns the exit code: 1 when a self-test found violations. Errors:
/// ConfigError for input that cannot be planned; EnvironmentError when the output cannot be
/// written.
int plan(const PlanOptions& options);

}  // namespace warpstep::cli
