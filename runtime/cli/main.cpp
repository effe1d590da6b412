// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <system_error>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/trust.hpp"
#include "runtime/cli/check.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/compile.hpp"
#include "runtime/cli/dry_run.hpp"
#include "runtime/cli/exec.hpp"
#include "runtime/cli/lint.hpp"
#include "runtime/cli/map.hpp"
#include "runtime/cli/plan.hpp"

namespace {

using warpstep::ExitCode;
using warpstep::cli::DeviceWish;
using warpstep::cli::RunOptions;

void add_dry_run(CLI::App& run, RunOptions& options) {
    auto* dry_run = run.add_flag("--dry-run", options.dry_run,
                                 "show what every rank would do and need, and check it all; start "
                                 "nothing, needs neither launcher nor GPU");
    auto* ranks = run.add_option("--ranks", options.dry_ranks,
                                 "ranks of the dry run (those of the job step, or of the file)")
                      ->check(CLI::Range(1, 65536))
                      ->option_text("N")
                      ->needs(dry_run);
    run.add_option("--per-node", options.dry_per_node, "how many of them are on each node (all)")
        ->check(CLI::Range(1, 65536))
        ->option_text("M")
        ->needs(ranks);
    run.add_option(
           "--assume", options.assume,
           "the GPU of the dry run, by model (h100) or architecture (sm_90), where it is not "
           "here")
        ->option_text("MODEL")
        ->needs(dry_run);
    run.add_option(
           "--topology", options.topology,
           "an hwloc XML file of the node that the ranks of the dry run would run on: check "
           "its memory, cores and GPUs, too")
        ->option_text("FILE")
        ->needs(dry_run);
    run.add_flag("--here", options.here,
                 "the ranks of the dry run would run on this machine: check its memory, cores, "
                 "GPUs and folders, too (as in a job step)")
        ->needs(dry_run);
}

void add_seconds(CLI::App& app, const char* name, std::chrono::seconds& value, const char* what) {
    constexpr int month = 31 * 86400;
    app.add_option_function<int>(
           name, [&value](int seconds) { value = std::chrono::seconds(seconds); }, what)
        ->check(CLI::Range(1, month))
        ->option_text("SECONDS");
}

void add_run(CLI::App& app, RunOptions& options) {
    auto* run = app.add_subcommand(
        "run", "Run a workload file: bind, connect, execute, verify, measure, report");
    run->add_option("FILE", options.file, "the workload, a YAML file")->required();
    run->add_option("--set", options.overrides,
                    "override a param: NAME=EXPRESSION (may be repeated)")
        ->allow_extra_args(false);
    run->add_option("--params", options.params_files,
                    "override params from a YAML file of NAME: EXPRESSION (may be repeated)")
        ->allow_extra_args(false)
        ->option_text("FILE");
    const std::map<std::string, DeviceWish> wishes{
        {"auto", DeviceWish::automatic}, {"host", DeviceWish::host}, {"cuda", DeviceWish::cuda}};
    run->add_option("--device", options.device, "auto (default), host or cuda")
        ->transform(CLI::Transformer(wishes))
        ->option_text("auto|host|cuda");
    run->add_option("--local-ranks", options.local_ranks,
                    "start N ranks on this machine, no launcher needed")
        ->check(CLI::Range(1, 1024))
        ->option_text("N");
    run->add_option("--json", options.json, "write the report as JSON to FILE, or to stdout for -")
        ->option_text("FILE|-");
    add_seconds(*run, "--timeout", options.meeting_timeout,
                "seconds in which all ranks must have met (20, more for many ranks)");
    add_seconds(*run, "--operation-timeout", options.operation_timeout,
                "seconds in which all ranks must have come to a collective, a meeting between "
                "phases, or an answer (1800)");
    add_seconds(*run, "--run-timeout", options.run_timeout,
                "seconds after which the whole run is ended with code 3 (no limit)");
    run->add_flag(
        "--watch", options.watch,
        "read clocks, power, temperature and PCIe links of the GPUs while steps are timed, "
        "for --json");
    add_dry_run(*run, options);
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    warpstep::log::error(std::string(error.what()) + "; see warpstep --help");
    return static_cast<int>(ExitCode::bad_input);
}

/// What follows "--" after `exec` is the user's command, whose options are none of ours.
int own_words(int argc, char** argv) {
    const bool is_exec = argc > 1 && std::string_view(argv[1]) == "exec";
    for (int i = 2; is_exec && i < argc; ++i)
        if (std::string_view(argv[i]) == "--") return i;
    return argc;
}

/// Followers wait for what local rank 0 decides, even when that is a usage error.
int end_followers(const CLI::App& app, int code) {
    for (const char* command : {"map", "exec"})
        if (app.got_subcommand(command)) warpstep::cli::NodeParty().end(code);
    return code;
}

int command_line(int argc, char** argv) {
    CLI::App app("warpstep: runs YAML-described workloads of CUDA kernels inside a Slurm job step");
    app.require_subcommand(0, 1);
    bool show_version = false;
    app.add_flag("--version", show_version, "what was built in and what was found");
    RunOptions options;
    add_run(app, options);
    warpstep::cli::PlanOptions plan_options;
    const auto* plan = warpstep::cli::add_plan(app, plan_options);
    warpstep::cli::MapOptions map_options;
    const auto* map = warpstep::cli::add_map(app, map_options);
    warpstep::cli::ExecOptions exec_options;
    const auto* exec = warpstep::cli::add_exec(app, exec_options);
    exec_options.command = warpstep::process::command_of(argc, argv);
    warpstep::cli::CompileOptions compile_options;
    const auto* compile = warpstep::cli::add_compile(app, compile_options);
    warpstep::cli::LintOptions lint_options;
    const auto* lint = warpstep::cli::add_lint(app, lint_options);
    warpstep::cli::CheckOptions check_options;
    const auto* check = warpstep::cli::add_check(app, check_options);
    std::string kernel;
    auto* kernels =
        app.add_subcommand("kernels", "The built-in kernels: arguments, bytes and flops");
    kernels->add_option("NAME", kernel, "one kernel in full");
    bool page = false;
    kernels->add_flag("--page", page, "all of them as a Markdown page");
    auto* schema =
        app.add_subcommand("schema", "The format of workload files: JSON Schema for editors");
    bool markdown = false;
    schema->add_flag("--markdown", markdown, "the reference page instead");
    try {
        app.parse(own_words(argc, argv), argv);
    } catch (const CLI::ParseError& error) {
        return end_followers(app, usage_error(app, error));
    }
    if (show_version) return warpstep::cli::version();
    if (app.got_subcommand("run")) {
        return options.dry_run ? warpstep::cli::dry_run(options) : warpstep::cli::run(options);
    }
    if (app.got_subcommand(plan)) return warpstep::cli::plan(plan_options);
    if (app.got_subcommand(map)) return warpstep::cli::map(map_options);
    if (app.got_subcommand(exec)) return warpstep::cli::exec(exec_options);
    if (app.got_subcommand(compile)) return warpstep::cli::compile(compile_options);
    if (app.got_subcommand(lint)) return warpstep::cli::lint(lint_options);
    if (app.got_subcommand(check)) return warpstep::cli::check(check_options);
    if (app.got_subcommand(kernels))
        return page ? warpstep::cli::kernels_page() : warpstep::cli::kernels(kernel);
    using warpstep::cli::SchemaForm;
    if (app.got_subcommand(schema))
        return warpstep::cli::schema(markdown ? SchemaForm::markdown : SchemaForm::json);
    std::cout << app.help();
    return 0;
}

}  // namespace

/// What the door opens.
extern "C" int warpstep_program(int argc, char** argv) {
    try {
        warpstep::forget_untrusted_libraries();
        return command_line(argc, argv);
    } catch (const warpstep::Error& error) {
        warpstep::log::error(error.what());
        return static_cast<int>(error.code());
    } catch (const std::system_error& error) {
        // What the system refuses where nobody asked for it by name: printing, threads.
        warpstep::log::error(std::string(error.what()) +
                             "; check where the output goes, and the limits (ulimit -a)");
        return static_cast<int>(ExitCode::no_verdict);
    } catch (const std::exception& error) {
        warpstep::log::error(std::string("internal: ") + error.what());
        return static_cast<int>(ExitCode::no_verdict);
    }
}
