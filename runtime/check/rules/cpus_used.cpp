// SPDX-License-Identifier: Apache-2.0
// What is made of the CPUs: quotas, clocks and the number of threads.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/check/rules/cpus_parts.hpp"

namespace warpstep::check {
namespace {

using topology::CpuSet;

/// Sites switch the second threads of all cores off on purpose: as many CPUs are offline then as
/// there are cores, or more.
bool is_smt_off(const NodeFacts& node, const CpuSet& offline) {
    const bool single = std::all_of(node.cores.begin(), node.cores.end(), [](const auto& core) {
        return CpuSet::parse(core).size() == 1;
    });
    return single && !node.cores.empty() && offline.size() >= static_cast<int>(node.cores.size());
}

void judge_quota(const Facts& facts, Judge& judge) {
    for (const Affinity& task : affinities(facts, judge)) {
        const auto quota = task.rank->cpu_quota;
        const int cpus = task.cpus.size();
        if (quota && *quota < cpus)
            judge.fire(subject_of(*task.rank),
                       fmt::format("the control group may use {:.4g} CPUs' worth of time, "
                                   "the task may run on {}",
                                   *quota, cpus),
                       {fmt::format("{:.4g}", *quota), std::to_string(cpus), "CPUs"});
        else
            judge.pass(subject_of(*task.rank), "no quota below its CPUs");
    }
    for (const NodeFacts& node : facts.nodes) {
        const CpuSet offline = CpuSet::parse(node.offline_cpus);
        if (node.described || offline.empty() || is_smt_off(node, offline)) continue;
        judge.fire(
            subject_of(node), "offline CPUs: " + show(offline),
            {std::to_string(offline.size()), "0", "CPUs"},
            fmt::format("as root: chcpu -e {}; or take them out of slurm.conf", show(offline)));
    }
}

void judge_governor(const Facts&, const NodeFacts& node, Judge& judge) {
    if (node.governors.empty() && node.virtual_machine)
        return judge.skip("a virtual machine has no governor");
    if (node.governors.empty())
        return judge.unknown(subject_of(node), "no scaling_governor can be read");
    if (node.governors.size() == 1 && node.governors.contains("performance"))
        return judge.pass(subject_of(node), "performance on all CPUs");
    std::string told;
    for (const auto& [governor, cpus] : node.governors)
        told += fmt::format("{}{} on CPUs {}", told.empty() ? "" : ", ", governor, cpus);
    judge.fire(subject_of(node), "a governor other than performance", told,
               {"", "performance", ""});
}

void judge_omp(const Facts&, const NodeFacts& node, const RankFacts& rank, const CpuSet& cpus,
               Judge& judge) {
    const int threads = rank.omp_threads.value_or(0);
    const Figure figure{std::to_string(threads), std::to_string(cpus.size()), "threads"};
    const std::string told = fmt::format("OMP_NUM_THREADS={} on {} CPUs", threads, cpus.size());
    if (rank.omp_threads && threads <= cpus.size())
        return judge.pass(subject_of(rank), told, figure);
    // On CPUs of its own a thread for each is what a library should start.
    if (!rank.omp_threads && !is_unbound(node, rank, cpus))
        return judge.pass(subject_of(rank),
                          fmt::format("OMP_NUM_THREADS is not set: a thread for each of its own {} "
                                      "CPUs",
                                      cpus.size()));
    const int sharing = is_unbound(node, rank, cpus) ? rank.local_size : 1;
    const std::string cores = std::to_string(std::max(1, cores_in(node, cpus) / sharing));
    const std::string fix = "export OMP_NUM_THREADS=" + cores;
    if (rank.omp_threads) return judge.warn(subject_of(rank), told, figure, fix);
    judge.fire(
        subject_of(rank),
        fmt::format("OMP_NUM_THREADS is not set: OpenMP and most libraries of linear algebra "
                    "start {} threads in each of {} tasks, on the same CPUs",
                    cpus.size(), rank.local_size),
        {"", cores, "threads"}, fix);
}

/// Threads that CUDA, NCCL and an interpreter start whatever the machine has.
constexpr int usual_threads = 32;

void judge_count(const Facts& facts, Judge& judge) {
    for (const ProgramFacts& program : facts.programs) {
        const NodeFacts* node = facts.node(program.node);
        const int cpus = CpuSet::parse(program.cpus).size();
        if (node == nullptr || node->described || !program.is_task) continue;
        const Subject subject = subject_of(program);
        const int machine = CpuSet::parse(node->cpus).size();
        if (cpus == 0 || program.threads == 0 || machine == 0) {
            judge.unknown(subject, "its CPUs and threads could not be read");
            continue;
        }
        const Figure figure{std::to_string(program.threads), std::to_string(cpus), "threads"};
        const std::string told = fmt::format("process {} has {} threads on {} CPUs of {}",
                                             program.pid, program.threads, cpus, machine);
        const bool counted = program.threads >= machine && program.threads > cpus + usual_threads;
        if (counted && cpus < machine)
            judge.fire(subject, told, figure,
                       fmt::format("use len(os.sched_getaffinity(0)) or nproc in the program, or "
                                   "tell it: export PYTHON_CPU_COUNT={} (Python 3.13 and later)",
                                   cpus));
        else
            judge.pass(subject, told, figure);
    }
    judge.skip("no program is looked at (warpstep check --step JOB.STEP)");
}

}  // namespace

std::vector<Rule> families::cpus_used() {
    return {
        {"cpu-quota", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "The task stops for tens of milliseconds at a time though its CPUs are idle.",
         "A control group limits the CPU time (cpu.max) below the number of CPUs, so that the "
         "kernel throttles the threads; or CPUs of the node are offline.",
         "The quota of the task's control group against the number of CPUs in its affinity; the "
         "list of offline CPUs.",
         "start the container without a quota (docker run without --cpus, no CPU limit in the "
         "pod), "
         "and drop cpu.max for GPU partitions",
         over_ranks(judge_quota)},
        {"cpu-governor", cpu_family, Severity::information, Privilege::user, Level::quick,
         "Short kernels are launched slowly after a pause.",
         "A scaling governor other than performance lets the clocks of the CPUs fall between "
         "launches.",
         "scaling_governor of all CPUs of the node against performance.",
         "as root: cpupower frequency-set -g performance, or tuned-adm profile "
         "throughput-performance",
         each_real_node(judge_governor)},
        {"cpu-omp", cpu_family, Severity::information, Privilege::user, Level::quick,
         "More threads than CPUs: everything on the host is slow.",
         "OMP_NUM_THREADS is larger than the number of CPUs that the task may run on (a warning), "
         "or is not set where tasks share CPUs, so that the libraries of each start a thread for "
         "every "
         "CPU.",
         "OMP_NUM_THREADS against the number of CPUs in the task's affinity.",
         "export OMP_NUM_THREADS=N, N being the cores of the task", each_affinity(judge_omp)},
        {"cpu-count-mismatch", cpu_family, Severity::information, Privilege::user, Level::quick,
         "A program starts a process or a thread for every CPU of the machine.",
         "os.cpu_count() and sysconf() tell the CPUs of the machine, not those that the task may "
         "run on.",
         "The threads of each task's program against the CPUs of the machine, where the program "
         "may run on fewer of them.",
         "use len(os.sched_getaffinity(0)) or nproc in the program", over_ranks(judge_count)},
    };
}

}  // namespace warpstep::check
