// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <map>

#include "runtime/cli/check.hpp"

namespace warpstep::cli {
namespace {

using check::Level;

void add_judgement(CLI::App& app, CheckOptions& options) {
    const std::map<std::string, Level> levels{
        {"quick", Level::quick}, {"standard", Level::standard}, {"full", Level::full}};
    app.add_option("--level", options.level,
                   "quick (default, state only, seconds), standard (and short measurements, about "
                   "two minutes) or full (and burn, memory test, all pairs of nodes)")
        ->transform(CLI::Transformer(levels))
        ->option_text("LEVEL");
    app.add_option("--ignore", options.ignored, "do not judge this rule (may be repeated)")
        ->allow_extra_args(false)
        ->option_text("ID");
    app.add_option("--fail-on", options.failing, "a warning of this rule fails (may be repeated)")
        ->allow_extra_args(false)
        ->option_text("ID");
    app.add_flag("--strict", options.strict, "a warning fails as well");
    app.add_option("--share", options.intent.share, "tasks on one GPU that are wanted (1)")
        ->check(CLI::Range(1, 1024))
        ->option_text("K");
    app.add_option("--run-time", options.intent.run_s,
                   "seconds that the job will need, compared with what is left of its time limit")
        ->check(CLI::PositiveNumber)
        ->option_text("SECONDS");
    app.add_flag("--checkpoints", options.intent.checkpoints,
                 "the job writes checkpoints: judge whether it can be requeued");
    app.add_option("--floors", options.floors,
                   "rates that each GPU model must reach, instead of the built-in ones")
        ->option_text("FILE");
    app.add_option("--learn", options.learn,
                   "keep what is measured, by GPU, as the baseline of these GPUs")
        ->option_text("FILE");
    app.add_option("--baseline", options.baseline, "compare with what --learn has kept")
        ->option_text("FILE");
}

void add_subject(CLI::App& app, CheckOptions& options) {
    app.add_option("--step", options.watched_step,
                   "look at the programs of another step of this job on these nodes: JOB.STEP, or "
                   "JOB for all of them; start it with srun --jobid=JOB --overlap "
                   "--ntasks-per-node=1")
        ->option_text("JOB[.STEP]");
    app.add_option("--local-ranks", options.local_ranks,
                   "start N ranks on this machine, no launcher needed")
        ->check(CLI::Range(1, 1024))
        ->option_text("N");
    app.add_option_function<int>(
           "--timeout",
           [&](int seconds) { options.meeting_timeout = std::chrono::seconds(seconds); },
           "seconds after which a rank that does not answer is reported (20)")
        ->check(CLI::Range(1, 86400))
        ->option_text("SECONDS");
    app.add_option("--facts", options.facts_file,
                   "judge facts that were saved before, here or elsewhere")
        ->option_text("FILE");
    app.add_option("--save-facts", options.save_facts,
                   "keep what was found out, for --facts or for whoever helps you")
        ->option_text("FILE");
}

void add_output(CLI::App& app, CheckOptions& options) {
    app.add_option("--format", options.format,
                   "text (default), json, junit, prometheus, html or nagios")
        ->check(CLI::IsMember({"text", "json", "junit", "prometheus", "html", "nagios"}))
        ->option_text("FORMAT");
    app.add_flag_callback(
        "--nagios", [&] { options.format = "nagios"; },
        "one line and the exit codes of a monitoring plugin");
    app.add_option("--output", options.output, "write to FILE instead of stdout")
        ->option_text("FILE");
    app.add_flag("--verbose", options.verbose, "list what passed and what does not apply, too");
}

}  // namespace

CLI::App* add_check(CLI::App& app, CheckOptions& options) {
    auto* command = app.add_subcommand(
        "check", "Is this allocation sound? Verdicts, evidence and what to type");
    add_judgement(*command, options);
    add_subject(*command, options);
    add_output(*command, options);
    command->add_flag("--list", options.list, "the rules and what they need");
    command->add_option("--explain", options.explained, "one rule in full")->option_text("ID");
    command->add_flag("--page", options.page, "all rules as a Markdown page");
    // Not for people: our own children and watchers.
    command->add_option("--collect-gpus", options.collects, "")->group("");
    command->add_option("--watch", options.watched_pids, "")->group("");
    command->add_option("--after", options.watch_after_s, "")->group("");
    return command;
}

}  // namespace warpstep::cli
