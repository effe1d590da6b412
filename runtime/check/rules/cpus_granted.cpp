// SPDX-License-Identifier: Apache-2.0
// How many CPUs a task was given, and which of Slurm's habits made them few.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/base/text.hpp"
#include "runtime/check/rules/cpus_parts.hpp"
#include "runtime/check/slurm_version.hpp"

namespace warpstep::check {
namespace {

using topology::CpuSet;

/// --cpus-per-gpu counts for steps, not for jobs only. Source: Slurm's CHANGELOG, 23.11.
constexpr SlurmVersion steps_take_cpus_per_gpu{23, 11, 0};

/// What made the CPUs few; one cause hides the next.
enum class Few { no, not_inherited, exact, per_gpu, one_core };

const char* rule_of(Few few) {
    switch (few) {
        case Few::not_inherited:
            return "slurm-cpus-not-inherited";
        case Few::exact:
            return "cpu-exact-without-c";
        case Few::per_gpu:
            return "cpu-per-gpu-ignored";
        case Few::one_core:
            return "cpu-one-core";
        case Few::no:
            break;
    }
    return "";
}

bool ignores_cpus_per_task(const NodeFacts& node) {
    const auto version = parse_slurm_version(node.slurm_version);
    return !version || (*version >= since::srun_ignores_cpus_per_task &&
                        *version < since::srun_takes_cpus_per_task);
}

bool ignores_cpus_per_gpu(const NodeFacts& node) {
    const auto version = parse_slurm_version(node.slurm_version);
    return !version || *version < steps_take_cpus_per_gpu;
}

std::optional<int> wanted_for_gpus(const RankFacts& rank) {
    const auto each = number(rank.env, "SLURM_CPUS_PER_GPU");
    const auto gpus = number(rank.env, "SLURM_GPUS_ON_NODE");
    if (!each || !gpus) return std::nullopt;
    return *each * *gpus;
}

Few why_few(const NodeFacts& node, const RankFacts& rank, const CpuSet& cpus) {
    const auto each = number(rank.env, "SLURM_CPUS_PER_TASK");
    const auto on_node = number(rank.env, "SLURM_CPUS_ON_NODE");
    const int tasks = std::max(rank.local_size, 1);
    if (each && *each > cpus.size()) {
        if (on_node && *on_node < *each * tasks) return Few::exact;
        if (ignores_cpus_per_task(node)) return Few::not_inherited;
    }
    const auto wanted = wanted_for_gpus(rank);
    const int given = std::min(on_node.value_or(cpus.size() * tasks), cpus.size() * tasks);
    if (wanted && ignores_cpus_per_gpu(node) && given < *wanted) return Few::per_gpu;
    if (on_node && cpus.size() * tasks < *on_node && cores_in(node, cpus) == 1 &&
        !node.cores.empty()) {
        return Few::one_core;
    }
    return Few::no;
}

Figure figure_of(int given, int wanted) {
    return {std::to_string(given), std::to_string(wanted), "CPUs"};
}

void judge_not_inherited(const Facts&, const NodeFacts& node, const RankFacts& rank,
                         const CpuSet& cpus, Judge& judge) {
    const auto each = number(rank.env, "SLURM_CPUS_PER_TASK");
    if (!each) return judge.skip("SLURM_CPUS_PER_TASK is not set");
    if (!ignores_cpus_per_task(node))
        return judge.skip("srun of Slurm " + node.slurm_version + " uses SLURM_CPUS_PER_TASK");
    const Figure figure = figure_of(cpus.size(), *each);
    if (why_few(node, rank, cpus) != Few::not_inherited)
        return judge.pass(subject_of(rank),
                          fmt::format("{} CPUs with SLURM_CPUS_PER_TASK={}", cpus.size(), *each),
                          figure);
    judge.fire(
        subject_of(rank),
        fmt::format("SLURM_CPUS_PER_TASK={}, but the task may run on {} ({}){}", *each, cpus.size(),
                    rank.cpus, node.slurm_version.empty() ? "" : "; Slurm " + node.slurm_version),
        figure,
        fmt::format("srun -c {} …, or once for the whole script: export "
                    "SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK",
                    *each));
}

void judge_exact(const Facts&, const NodeFacts& node, const RankFacts& rank, const CpuSet& cpus,
                 Judge& judge) {
    const auto each = number(rank.env, "SLURM_CPUS_PER_TASK");
    const auto on_node = number(rank.env, "SLURM_CPUS_ON_NODE");
    if (!each || !on_node)
        return judge.skip("SLURM_CPUS_PER_TASK or SLURM_CPUS_ON_NODE is not set");
    const std::string told = fmt::format("SLURM_CPUS_PER_TASK={}, {} tasks, {} CPUs on the node",
                                         *each, rank.local_size, *on_node);
    if (why_few(node, rank, cpus) != Few::exact)
        return judge.pass(subject_of(rank), told, figure_of(*on_node, *each * rank.local_size));
    judge.fire(
        subject_of(rank),
        fmt::format("{}: the step was given less than that (this task {})", told, cpus.size()),
        figure_of(cpus.size(), *each), fmt::format("srun --exact -c {} …", *each));
}

void judge_one_core(const Facts&, const NodeFacts& node, const RankFacts& rank, const CpuSet& cpus,
                    Judge& judge) {
    const auto on_node = number(rank.env, "SLURM_CPUS_ON_NODE");
    if (!on_node) return judge.skip("SLURM_CPUS_ON_NODE is not set");
    if (node.cores.empty()) return judge.unknown(subject_of(rank), "its cores are not known");
    const int share = *on_node / std::max(rank.local_size, 1);
    const Figure figure = figure_of(cpus.size(), share);
    if (why_few(node, rank, cpus) != Few::one_core)
        return judge.pass(subject_of(rank), fmt::format("{} CPUs", cpus.size()), figure);
    judge.fire(subject_of(rank),
               fmt::format("the task may run on one core ({}), the step has {} CPUs on the node "
                           "for {} tasks",
                           rank.cpus, *on_node, rank.local_size),
               figure,
               fmt::format("srun -c {} …, or srun --cpu-bind=none …: then warpstep run and exec "
                           "bind each task near its GPU",
                           share));
}

void judge_per_gpu(const Facts&, const NodeFacts& node, const RankFacts& rank, const CpuSet& cpus,
                   Judge& judge) {
    const auto wanted = wanted_for_gpus(rank);
    if (!wanted) return judge.skip("SLURM_CPUS_PER_GPU is not set");
    if (!ignores_cpus_per_gpu(node))
        return judge.skip("steps of Slurm " + node.slurm_version + " follow --cpus-per-gpu");
    const int tasks = std::max(rank.local_size, 1);
    const int on_node = number(rank.env, "SLURM_CPUS_ON_NODE").value_or(cpus.size() * tasks);
    const std::string told = fmt::format(
        "SLURM_CPUS_PER_GPU={} for {} GPUs, {} CPUs on the node, {} of them for this task",
        *variable(rank.env, "SLURM_CPUS_PER_GPU"), *variable(rank.env, "SLURM_GPUS_ON_NODE"),
        on_node, cpus.size());
    if (why_few(node, rank, cpus) != Few::per_gpu)
        return judge.pass(subject_of(rank), told, figure_of(on_node, *wanted));
    judge.fire(subject_of(rank), told, figure_of(std::min(on_node, cpus.size() * tasks), *wanted),
               fmt::format("srun -c {} …", std::max(1, *wanted / tasks)));
}

void judge_too_few(const Facts&, const NodeFacts& node, const RankFacts& rank, const CpuSet& cpus,
                   Judge& judge) {
    const bool gpus = std::any_of(node.gpus.begin(), node.gpus.end(),
                                  [](const GpuFacts& gpu) { return gpu.granted; });
    if (!gpus) return judge.skip("no GPU was granted, so nothing runs beside the task");
    if (cpus.size() > 1)
        return judge.pass(subject_of(rank), fmt::format("{} CPUs", cpus.size()),
                          figure_of(cpus.size(), 2));
    const Few few = why_few(node, rank, cpus);
    if (few != Few::no) return judge.skip(fmt::format("{} says why", rule_of(few)));
    judge.fire(subject_of(rank), fmt::format("the task may run on CPU {} only", rank.cpus),
               figure_of(1, 2));
}

/// N of "cpu:N" or "cpu=N" in a list such as "cpu:4,gres/gpu:1".
std::optional<int> cpus_of_tres(const std::string& list) {
    for (const std::string& entry : split(list, ',')) {
        const auto sign = entry.find_first_of(":=");
        if (sign == entry.npos || trim(entry.substr(0, sign)) != "cpu") continue;
        int value = 0;
        const auto end = entry.data() + entry.size();
        const auto [stop, error] = std::from_chars(entry.data() + sign + 1, end, value);
        if (error == std::errc() && stop == end) return value;
    }
    return std::nullopt;
}

void judge_tres(const Facts&, const RankFacts& rank, Judge& judge) {
    const auto each = number(rank.env, "SLURM_CPUS_PER_TASK");
    const auto tres = variable(rank.env, "SLURM_TRES_PER_TASK");
    const auto cpus = tres ? cpus_of_tres(*tres) : std::nullopt;
    if (!each || !cpus)
        return judge.skip("SLURM_CPUS_PER_TASK and SLURM_TRES_PER_TASK are not both set");
    const std::string told =
        fmt::format("SLURM_CPUS_PER_TASK={} and SLURM_TRES_PER_TASK={}", *each, *tres);
    if (*each == *cpus) return judge.pass(subject_of(rank), told);
    judge.fire(subject_of(rank), told, figure_of(*cpus, *each),
               fmt::format("unset SLURM_TRES_PER_TASK; srun -c {} …", *each));
}

}  // namespace

std::vector<Rule> families::cpus_granted() {
    return {
        {"slurm-cpus-not-inherited", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Data loading crawls and each task keeps one core busy, though the job asked for more.",
         "From Slurm 22.05 to 23.02 srun does not take -c (--cpus-per-task) from the job, so that "
         "each task gets one CPU.",
         "SLURM_CPUS_PER_TASK against the number of CPUs in the task's affinity, where the step "
         "itself has enough of them.",
         "srun -c $SLURM_CPUS_PER_TASK …, or export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK",
         each_affinity(judge_not_inherited)},
        {"cpu-exact-without-c", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "SLURM_CPUS_PER_TASK promises several CPUs, the task has one.",
         "srun --exact gives a step what its own options ask for. Without -c that is one CPU for "
         "each task, while the variable still tells what the job asked for.",
         "SLURM_CPUS_PER_TASK times the tasks on the node against SLURM_CPUS_ON_NODE, and against "
         "the number of CPUs in the task's affinity.",
         "srun --exact -c $SLURM_CPUS_PER_TASK …", each_affinity(judge_exact)},
        {"cpu-per-gpu-ignored", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "--cpus-per-gpu has no effect on the tasks.",
         "Before Slurm 23.11 --cpus-per-gpu sizes the job and is ignored for its steps.",
         "SLURM_CPUS_PER_GPU times SLURM_GPUS_ON_NODE against SLURM_CPUS_ON_NODE, and against what "
         "the tasks of the node may run on together.",
         "srun -c N …, N being CPUs per GPU times GPUs per task", each_affinity(judge_per_gpu)},
        {"cpu-one-core", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Each task is pinned to one core though the step has more cores than tasks.",
         "Slurm binds a task to as many CPUs as -c says, one by default, and leaves the other "
         "cores of the step idle.",
         "The task's affinity (one core) times the tasks on the node against SLURM_CPUS_ON_NODE.",
         "srun -c N … with N = CPUs of the step on the node / tasks on the node, or srun "
         "--cpu-bind=none …",
         each_affinity(judge_one_core)},
        {"cpu-too-few", cpu_family, Severity::warning, Privilege::user, Level::quick,
         "Kernels are launched late and collectives stutter.",
         "The task has one CPU, which it shares with the threads of NCCL, of the CUDA driver and "
         "of the data loader.",
         "The number of CPUs in the affinity of a task on a node with granted GPUs: at least 2.",
         "srun -c 4 …", each_affinity(judge_too_few)},
        {"cpu-tres-conflict", cpu_family, Severity::error, Privilege::user, Level::quick,
         "srun: fatal: cpus_per_task set by two different environment variables.",
         "From Slurm 23.11 on -c also sets SLURM_TRES_PER_TASK=cpu:N. A script that changes one of "
         "the two variables makes every later srun refuse.",
         "SLURM_CPUS_PER_TASK against the cpu entry of SLURM_TRES_PER_TASK.",
         "unset SLURM_TRES_PER_TASK; srun -c $SLURM_CPUS_PER_TASK …", each_rank(judge_tres)},
    };
}

}  // namespace warpstep::check
