// SPDX-License-Identifier: Apache-2.0
// `warpstep check`: come together, collect facts, measure, judge, report.
#include "runtime/cli/check.hpp"

#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <iostream>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/baseline.hpp"
#include "runtime/check/facts_json.hpp"
#include "runtime/check/floors.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/check/verdict.hpp"
#include "runtime/cli/check_children.hpp"
#include "runtime/cli/check_gather.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/diagnose.hpp"
#include "runtime/cli/muster.hpp"
#include "runtime/probes/conductor.hpp"
#include "runtime/report/check_report.hpp"
#include "runtime/step/stop_signal.hpp"

namespace warpstep::cli {
namespace {

using Clock = std::chrono::steady_clock;
using check::Facts;
using check::Finding;

constexpr std::chrono::minutes patience{60};  ///< of ranks for the one that judges and prints

std::vector<std::string> rule_ids() {
    std::vector<std::string> ids;
    for (const check::Rule& rule : check::rules()) ids.push_back(rule.id);
    return ids;
}

const check::Rule& known_rule(const std::string& id) {
    const check::Rule* rule = check::find_rule(id);
    if (rule == nullptr) fail<ConfigError>("no rule '{}'{}", id, suggestion(id, rule_ids()));
    return *rule;
}

std::vector<const check::Rule*> chosen_rules(const CheckOptions& options) {
    for (const auto* ids : {&options.ignored, &options.failing})
        for (const std::string& id : *ids) known_rule(id);
    std::vector<const check::Rule*> chosen;
    for (const check::Rule& rule : check::rules()) {
        const auto& ignored = options.ignored;
        const bool is_ignored = std::find(ignored.begin(), ignored.end(), rule.id) != ignored.end();
        if (rule.level <= options.level && !is_ignored) chosen.push_back(&rule);
    }
    return chosen;
}

/// The verdicts, with warnings that the user takes for failures.
check::Judgement judged(const CheckOptions& options, const Facts& facts) {
    auto judgement = check::judge(facts, chosen_rules(options));
    for (Finding& finding : judgement.findings) {
        const auto& failing = options.failing;
        if (finding.verdict == check::Verdict::warn &&
            std::find(failing.begin(), failing.end(), finding.rule) != failing.end())
            finding.verdict = check::Verdict::fail;
    }
    return judgement;
}

/// What does not need the ranks: read before anything is asked of them, so that a bad file is told
/// at once.
void read_references(const CheckOptions& options, Facts& facts) {
    facts.floors = check::load_floors(options.floors);
    if (!options.baseline.empty()) facts.baseline = check::load_baseline(options.baseline);
    // Minutes of measuring must not end at a file that is something else.
    if (!options.learn.empty() && ::access(options.learn.c_str(), F_OK) == 0)
        check::load_baseline(options.learn);
}

/// Says and keeps the verdict; the one task of the step that speaks.
int report(const CheckOptions& options, const Facts& facts, const std::string& alone_because,
           double seconds) {
    report::CheckReport document;
    check::Judgement judgement = judged(options, facts);
    document.findings = std::move(judgement.findings);
    document.decided = std::move(judgement.decided);
    document.answer = check::answer(facts, document.findings);
    document.facts = &facts;
    document.level = options.level;
    document.warpstep = version_text();
    document.date = std::time(nullptr);
    document.seconds = seconds;
    document.degraded_because = alone_because;
    if (!facts.ranks.empty()) {
        const auto& env = facts.ranks.front().env;
        document.job = check::variable(env, "SLURM_JOB_ID").value_or("");
        document.step = check::variable(env, "SLURM_STEP_ID").value_or("");
    }
    document.exit_code = static_cast<int>(check::exit_code_of(document.findings, options.strict));
    const bool to_terminal = options.output.empty() && ::isatty(STDOUT_FILENO) != 0;
    const std::string text = report::show(document, options.format, {to_terminal, options.verbose});
    if (options.output.empty())
        std::cout << text << std::flush;
    else
        write_file_atomically(options.output, text);
    if (!options.save_facts.empty())
        write_file_atomically(options.save_facts, check::encode(facts));
    if (!options.learn.empty()) check::learn(options.learn, facts);
    return options.format == "nagios" ? report::nagios_code(document) : document.exit_code;
}

/// Collective. Not beside a driver that hangs, and not by tasks that cannot deal the GPUs out
/// between them.
bool measures(const CheckOptions& options, const Facts& facts, const Muster& muster) {
    if (options.level == check::Level::quick || options.watched_step) return false;
    if (!muster.alone_because.empty()) return muster.speaks;
    const bool hangs =
        std::any_of(facts.nodes.begin(), facts.nodes.end(),
                    [](const check::NodeFacts& node) { return !node.collector_problem.empty(); });
    return muster.channel->broadcast(hangs ? "no" : "yes", Deadline::in(patience)) == "yes";
}

/// All ranks are here and know what they know.
int judge_together(const CheckOptions& options, const check::Sources& sources, Muster& muster,
                   check::RankFacts own, Clock::time_point start) {
    Facts references;
    if (muster.speaks) read_references(options, references);
    Facts facts = gather_facts(options, sources, muster, std::move(own));
    facts.index();
    facts.floors = std::move(references.floors);
    facts.baseline = std::move(references.baseline);
    if (measures(options, facts, muster))
        facts.samples = check::run_probes(*muster.channel, muster.present, options.level);
    int code = 0;
    if (muster.speaks && muster.present.rank == 0) {
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        code = report(options, facts, muster.alone_because, seconds);
    }
    // A task that is alone and silent ends with 0: where srun kills the step for a bad code
    // (KillOnBadExit) it would silence the one that speaks.
    code = muster.channel->agree(code, Deadline::in(patience));
    muster.channel->close(Deadline::in(std::chrono::seconds(10)));
    return code;
}

int check_step(const CheckOptions& options) {
    const auto start = Clock::now();
    chosen_rules(options);
    const check::Sources sources = check::live_sources();
    check::RankFacts own;
    if (options.local_ranks == 0) own = collect_own(sources);
    int parent_code = 0;
    const auto together = muster(options.local_ranks, options.meeting_timeout, parent_code);
    if (!together) return parent_code;
    if (together->step.size > 1) log::set_speaker(show_speaker(together->step));
    if (options.local_ranks > 0) own = collect_own(sources);
    try {
        return judge_together(options, sources, *together, std::move(own), start);
    } catch (const Error& error) {
        together->channel->fail(static_cast<int>(error.code()), error.what());
        throw;
    }
}

int check_file(const CheckOptions& options) {
    constexpr std::size_t most = std::size_t{4} << 30;  // 16,384 ranks need a tenth of it
    Facts facts = check::decode_facts(read_file(options.facts_file, most), options.facts_file);
    facts.index();
    read_references(options, facts);
    return report(options, facts, "", 0);
}

}  // namespace

int check(const CheckOptions& options) {
    if (!options.collects.empty()) return collect_in_child(options.collects);
    if (!options.watched_pids.empty()) return watch(options.watched_pids, options.watch_after_s);
    if (options.list || options.page || !options.explained.empty()) {
        const std::string text =
            options.page   ? report::troubleshooting_page(check::rules())
            : options.list ? report::check_list(check::rules(), ::isatty(STDOUT_FILENO) != 0)
                           : report::check_explain(known_rule(options.explained));
        std::cout << text << std::flush;
        return 0;
    }
    if (!options.learn.empty() && options.facts_file.empty() &&
        options.level == check::Level::quick)
        throw ConfigError(
            "--learn has nothing to keep (level quick measures nothing); add --level standard");
    step::install_stop_signals();
    CheckOptions complete = options;
    complete.intent.level = std::string(check::name_of(options.level));
    complete.intent.as_root = ::geteuid() == 0;
    if (options.watched_step) complete.intent.watched_step = *options.watched_step;
    return options.facts_file.empty() ? check_step(complete) : check_file(complete);
}

}  // namespace warpstep::cli
