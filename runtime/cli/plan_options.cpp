// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <limits>
#include <map>
#include <string>

#include "runtime/cli/plan.hpp"

namespace warpstep::cli {
namespace {

constexpr int most = 1 << 20;

CLI::Option* add_number(CLI::App& app, const std::string& name, std::optional<int>& value,
                        const std::string& help) {
    return app.add_option(name, value, help)->check(CLI::Range(1, most))->option_text("N");
}

void add_machine(CLI::App& app, PlanOptions& options) {
    app.add_option("--topology", options.topologies,
                   "an hwloc XML file, x4 behind it for four such nodes, or live (default), what "
                   "warpstep run would see here; may be repeated, the nodes are called n1, n2, …")
        ->allow_extra_args(false)
        ->option_text("FILE[xCOUNT]|live");
    app.add_option("--allowed-cpus", options.allowed_cpus,
                   "CPUs of each node that the step may use, as the system numbers them (all)")
        ->option_text("LIST");
    app.add_option("--gpus", options.gpus,
                   "GPUs of each node that the step may use, as in CUDA_VISIBLE_DEVICES (all)")
        ->option_text("LIST");
}

void add_request(CLI::App& app, PlanOptions& options) {
    auto* tasks = add_number(app, "--tasks", options.tasks_per_node,
                             "tasks on each node (one per GPU, one on a node without)");
    add_number(app, "--ntasks", options.tasks_in_all,
               "tasks of the whole step, in equal blocks over the nodes, the first ones get more")
        ->excludes(tasks);
    add_number(app, "--cpus-per-task", options.cpus_per_task, "cores of each task (all, shared)");
    add_number(app, "--gpus-per-task", options.gpus_per_task, "GPUs of each task (all, shared)");
    add_number(app, "--smt", options.pus_per_core, "hardware threads used of each core (all)");
    app.add_option("--share", options.share, "tasks on one GPU that --strict accepts (1)")
        ->check(CLI::Range(1, most))
        ->option_text("K");
    app.add_flag("--interleave", options.interleave,
                 "ranks go round the packages instead of filling one after the other");
    app.add_flag("--strict", options.strict, "refuse what would only be noted");
}

void add_output(CLI::App& app, PlanOptions& options) {
    const std::map<std::string, PlanFormat> formats{
        {"table", PlanFormat::table}, {"json", PlanFormat::json}, {"svg", PlanFormat::svg}};
    app.add_option("--format", options.format, "table (default), json or svg")
        ->transform(CLI::Transformer(formats))
        ->option_text("table|json|svg");
    app.add_option("--output", options.output, "write to FILE instead of stdout")
        ->option_text("FILE");
    app.add_flag("--explain", options.explain, "say why, below the table");
}

void add_self_test(CLI::App& app, PlanOptions& options) {
    auto* test = app.add_option("--self-test", options.self_test,
                                "check the planner on random machines, or on random requests for "
                                "the XML files of a directory")
                     ->option_text("DIR|generated");
    for (CLI::Option* other : app.get_options()) {
        if (other == test || other->get_name() == "--help") continue;
        test->excludes(other);
        // Or the help would say so beside every flag.
        if (other->get_option_text().empty()) other->option_text(" ");
    }
    add_number(app, "--count", options.count,
               "how many scenarios (10000; with a directory 500 for each file)")
        ->needs(test);
    app.add_option("--seed", options.seed, "of the first scenario (1)")
        ->check(CLI::Range(0U, std::numeric_limits<unsigned>::max()))
        ->option_text("S")
        ->needs(test);
}

}  // namespace

const CLI::App* add_plan(CLI::App& app, PlanOptions& options) {
    auto* plan = app.add_subcommand(
        "plan",
        "Show who would get which GPU, cores, memory and adapter, without running anything");
    add_machine(*plan, options);
    add_request(*plan, options);
    add_output(*plan, options);
    add_self_test(*plan, options);
    return plan;
}

}  // namespace warpstep::cli
