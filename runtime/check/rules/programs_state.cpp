// SPDX-License-Identifier: Apache-2.0
// How the watched processes are doing, and who else is on their GPUs.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/error.hpp"
#include "runtime/check/rules/programs.hpp"
#include "runtime/check/rules/visibility.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/topology/cpu_set.hpp"

namespace warpstep::check {
namespace {

/// CPUs of its mask; nothing: not readable.
std::optional<int> cpus_of(const ProgramFacts& program) {
    if (program.cpus.empty()) return std::nullopt;
    try {
        const auto set = topology::CpuSet::parse(program.cpus);
        return set.is_finite() && !set.empty() ? std::optional(set.size()) : std::nullopt;
    } catch (const ConfigError&) {
        return std::nullopt;
    }
}

void judge_oversubscribed(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    for (const ProgramFacts& program : facts.programs) {
        const Subject subject = subject_of(program);
        const auto cpus = cpus_of(program);
        if (!cpus || program.threads <= 0) {
            judge.unknown(subject, "its CPUs or threads are not readable");
        } else if (program.threads > 2 * *cpus) {
            fire_with(
                judge, subject,
                fmt::format("more than twice as many threads as the {} of its mask",
                            counted(*cpus, "CPU")),
                fmt::format("pid {} has {} threads", program.pid, program.threads),
                fmt::format("export OMP_NUM_THREADS={} (and fewer data loaders), or more CPUs "
                            "for each task: srun -c {}",
                            *cpus, (program.threads + 1) / 2));
        }
    }
    judge.pass_if_silent("no process has more than two threads for each of its CPUs");
}

void judge_stuck(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge)) return;
    for (const ProgramFacts& program : facts.programs) {
        const Subject subject = subject_of(program);
        if (program.state.empty())
            judge.unknown(subject, "its state is not readable");
        else if (program.state.front() == 'D')
            fire_with(judge, subject, "waits in the kernel and cannot be interrupted (state D)",
                      fmt::format("pid {}", program.pid));
    }
    judge.pass_if_silent("no process waits uninterruptibly in the kernel");
}

bool is_watched(const Facts& facts, const NodeFacts& node, const GpuProcess& process) {
    return std::any_of(facts.programs.begin(), facts.programs.end(), [&](const ProgramFacts& p) {
        return p.node == node.name && p.pid == process.pid;
    });
}

void judge_foreign(const Facts& facts, Judge& judge) {
    if (nothing_watched(facts, judge) || no_hardware(facts, judge)) return;
    const auto nodes = watched(facts);
    bool fired = false, looked = false;
    for (const Watched& node : nodes) {
        if (node.facts == nullptr || node.facts->described) continue;
        if (!node.facts->gpu_problem.empty())
            judge.unknown(subject_of(*node.facts), node.facts->gpu_problem);
        else
            looked = true;
        for (const GpuFacts& gpu : node.facts->gpus) {
            const bool ours = without({name_of(gpu)}, node.granted).empty();
            for (const GpuProcess& process : gpu.processes) {
                if (!ours || process.of_this_job || is_watched(facts, *node.facts, process))
                    continue;
                judge.fire(subject_of(*node.facts, gpu),
                           fmt::format("pid {} of another job{} is on it with {} MiB", process.pid,
                                       process.user.empty() ? "" : " of " + process.user,
                                       process.memory_bytes >> 20),
                           {},
                           fmt::format("tell the administrator the pid; resubmit with "
                                       "--exclude={}",
                                       node.name));
                fired = true;
            }
        }
    }
    if (!fired && looked) judge.pass({}, "no process of another job is on the granted GPUs");
}

}  // namespace

std::vector<Rule> rules_of_program_state() {
    return {
        {"program-oversubscribed", programs_family, Severity::warning, Privilege::user,
         Level::quick, "The CPUs are always busy and the GPUs wait.",
         "Each process starts as many threads as the machine has cores, not as it may use.",
         "Threads of each process against twice the CPUs of its mask.",
         "export OMP_NUM_THREADS=N with the CPUs of a task, or srun -c N.",
         over_ranks(judge_oversubscribed)},
        {"program-stuck", programs_family, Severity::warning, Privilege::user, Level::quick,
         "A rank does not go on and cannot be killed.",
         "It waits inside the kernel, for a file system or for the GPU driver.",
         "The state of each process in /proc/PID/stat: D.",
         "Check again in a minute. If it stays: as root, cat /proc/PID/stack says what it waits "
         "for; nvidia-smi that hangs too means a driver that needs a reboot of the node.",
         over_ranks(judge_stuck)},
        {"program-foreign", programs_family, Severity::warning, Privilege::user, Level::quick,
         "Memory runs out on one GPU, or one rank is slower than the others.",
         "A process of another job is on a GPU that was granted to this one.",
         "NVML's lists of processes of the granted GPUs against the processes of this job.",
         "Tell the administrator the pid; resubmit with --exclude=NODE.", over_gpus(judge_foreign)},
    };
}

}  // namespace warpstep::check
