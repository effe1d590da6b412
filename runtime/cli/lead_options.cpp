// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/lead_options.hpp"

#include <CLI/CLI.hpp>

namespace warpstep::cli {

void add_lead_options(CLI::App& command, LeadOptions& options) {
    placement::Request& wish = options.wish;
    const auto optional_count = [&](const char* name, std::optional<int>& value, const char* text) {
        command
            .add_option_function<int>(
                name, [&value](int count) { value = count; }, text)
            ->check(CLI::Range(1, 65536))
            ->option_text("N");
    };
    optional_count("--gpus-per-task", wish.gpus_per_task,
                   "GPUs of each task (default: all, evenly)");
    optional_count("--cpus-per-task", wish.cpus_per_task,
                   "cores of each task (default: fair shares)");
    optional_count("--smt", wish.pus_per_core, "hardware threads of a core to use (default: all)");
    command.add_option("--share", wish.share, "tasks per GPU that are no exception")
        ->check(CLI::Range(1, 1024))
        ->option_text("N");
    command.add_flag("--interleave", wish.interleave, "ranks go round the packages");
    command.add_flag("--explain", options.explain, "say why, for every task");
    command
        .add_option_function<int>(
            "--timeout",
            [&](int seconds) { options.meeting_timeout = std::chrono::seconds(seconds); },
            "seconds in which all ranks must have met (20, more for many ranks)")
        ->check(CLI::Range(1, 86400))
        ->option_text("SECONDS");
}

}  // namespace warpstep::cli
