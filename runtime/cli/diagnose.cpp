// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/diagnose.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/verdict.hpp"
#include "runtime/cli/check_gather.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/process/child.hpp"
#include "runtime/report/check_report.hpp"

namespace warpstep::cli {
namespace {

using Clock = std::chrono::steady_clock;

bool lives(std::int64_t pid) {
    return ::kill(static_cast<pid_t>(pid), 0) == 0;
}

std::vector<std::int64_t> parse(const std::string& list) {
    std::vector<std::int64_t> pids;
    for (const std::string& pid : split(list, ',')) pids.push_back(std::stoll(pid));
    return pids;
}

/// The commands as the tasks of a step that is watched from outside.
check::Facts facts_of(const std::vector<std::int64_t>& pids) {
    const check::Sources sources = check::live_sources();
    check::Facts facts;
    facts.intent.level = "quick";
    facts.ranks.push_back(collect_own(sources));
    facts.nodes.push_back(collect_this_node(sources));
    facts.nodes.front().name = facts.ranks.front().node;
    for (const std::int64_t pid : pids) {
        auto found = check::collect_programs_of(sources, pid, facts.nodes.front().gpus);
        for (check::ProgramFacts& program : found) {
            program.is_task = program.pid == pid;
            facts.programs.push_back(std::move(program));
        }
    }
    const auto& env = facts.ranks.front().env;
    facts.intent.watched_step = check::variable(env, "SLURM_JOB_ID").value_or("") + "." +
                                check::variable(env, "SLURM_STEP_ID").value_or("");
    watch_programs(facts);
    return facts;
}

void say(const std::vector<std::int64_t>& pids, int after_s) {
    const check::Facts facts = facts_of(pids);
    report::CheckReport document;
    document.findings = check::judge(facts, check::Level::quick).findings;
    document.answer = fmt::format("{}, {} s after the start: {}", facts.nodes.front().name, after_s,
                                  check::answer(facts, document.findings));
    document.facts = &facts;
    document.warpstep = version_text();
    const std::string text = report::show(document, "text", {::isatty(STDERR_FILENO) != 0, false});
    std::fputs(text.c_str(), stderr);
}

}  // namespace

void start_watcher(const std::vector<std::int64_t>& pids, int after_s) noexcept {
    std::vector<std::string> texts;
    for (const std::int64_t pid : pids) texts.push_back(std::to_string(pid));
    std::vector<std::string> words{process::own_program(), "check",   "--watch",
                                   join(texts, ","),       "--after", std::to_string(after_s)};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t first = ::fork();
    if (first == 0) {
        ::setpgid(0, 0);
        if (::fork() != 0) ::_exit(0);
        const int nothing = ::open("/dev/null", O_RDWR);
        ::dup2(nothing, 0);
        ::dup2(nothing, 1);
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    if (first < 0 || ::waitpid(first, nullptr, 0) != first)
        log::warn("nobody will look at the commands (no process could be started)");
}

int watch(const std::string& pids, int after_s) {
    const auto tasks = parse(pids);
    const auto at = Clock::now() + std::chrono::seconds(after_s);
    while (Clock::now() < at) {
        if (std::none_of(tasks.begin(), tasks.end(), lives)) {
            std::fprintf(stderr,
                         "warpstep: the commands ended before they could be looked at; type exec "
                         "--diagnose-after with fewer seconds than %d\n",
                         after_s);
            return 0;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    say(tasks, after_s);
    return 0;
}

}  // namespace warpstep::cli
