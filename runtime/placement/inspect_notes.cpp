// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

namespace {

using topology::CpuSet;

/// How many notes start like this.
long count(const std::vector<std::string>& notes, const std::string& start) {
    return std::count_if(notes.begin(), notes.end(), [&](const std::string& note) {
        return note.compare(0, start.size(), start) == 0;
    });
}

void check_remote(const Facts& facts, const Task& task, Findings& findings) {
    const bool remote = !task.gpus.empty() && !facts.near(task.gpus).contains(task.cpus);
    const std::string start =
        remote ? fmt::format("remote: {} ", facts.name(task.gpus[0])) : "remote: ";
    findings.expect(count(task.notes, start) == (remote ? 1 : 0), "I9",
                    fmt::format("local rank {} {}", task.local_rank,
                                remote ? "is remote and does not say so" : "says remote"));
}

void check_sharing(const Facts& facts, const Task& task, const Tasks& tasks, Findings& findings) {
    long shared = 0;
    for (const int gpu : task.gpus) {
        const bool others = std::any_of(tasks.begin(), tasks.end(), [&](const Task& other) {
            return other.local_rank != task.local_rank &&
                   std::count(other.gpus.begin(), other.gpus.end(), gpu) > 0;
        });
        shared += others;
        findings.expect(!others || count(task.notes, "shares " + facts.name(gpu) + " ") == 1,
                        "notes",
                        fmt::format("local rank {} shares {} and does not say so", task.local_rank,
                                    facts.name(gpu)));
    }
    findings.expect(
        count(task.notes, "shares GPU ") == shared, "notes",
        fmt::format("local rank {} says that it shares GPUs and does not", task.local_rank));
}

void check_cores_shared(const Facts& facts, const Task& task, const Tasks& tasks,
                        Findings& findings) {
    CpuSet whole;
    for (const CpuSet& core : facts.cores)
        if (core.intersects(task.cpus)) whole = whole | core;
    const bool shares = std::any_of(tasks.begin(), tasks.end(), [&](const Task& other) {
        return other.local_rank != task.local_rank && other.cpus.intersects(whole);
    });
    const bool expected = shares && !facts.oversubscribed();
    findings.expect(
        (count(task.notes, "shares its core ") == 1) == expected, "notes",
        fmt::format("local rank {} {}", task.local_rank,
                    expected ? "shares a core and does not say so" : "says that it shares a core"));
    findings.expect((count(task.notes, "oversubscribed") == 1) == facts.oversubscribed(), "I7",
                    fmt::format("local rank {} {}", task.local_rank,
                                facts.oversubscribed() ? "does not say that it is oversubscribed"
                                                       : "says oversubscribed"));
}

void check_idle(const Facts& facts, const Placement& placement, Findings& findings) {
    long cores = 0;
    for (const CpuSet& core : facts.cores)
        cores += std::none_of(placement.tasks.begin(), placement.tasks.end(),
                              [&](const Task& task) { return task.cpus.intersects(core); });
    const auto expect_note = [&](const std::string& start, bool wanted, const char* what) {
        findings.expect(count(placement.notes, start) == (wanted ? 1 : 0), "notes",
                        fmt::format("idle {} {}", what,
                                    wanted ? "are not said" : "are said, and none is idle"));
    };
    expect_note(fmt::format("idle: {} of {} GPUs ", placement.idle_gpus.size(),
                            facts.node.step_gpus.size()),
                !placement.idle_gpus.empty(), "GPUs");
    expect_note(fmt::format("idle: {} of {} cores ", cores, facts.core_count()), cores > 0,
                "cores");
}

}  // namespace

void check_notes(const Facts& facts, const Placement& placement, Findings& findings) {
    for (const Task& task : placement.tasks) {
        check_remote(facts, task, findings);
        check_sharing(facts, task, placement.tasks, findings);
        check_cores_shared(facts, task, placement.tasks, findings);
    }
    check_idle(facts, placement, findings);
}

}  // namespace warpstep::placement::inspection
