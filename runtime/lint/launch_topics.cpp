// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/lint/lint_topics.hpp"

namespace warpstep::check::lint {

bool is_launcher(const std::string& program) {
    static const std::set<std::string> names{"torchrun", "accelerate", "deepspeed",
                                             "torchx",   "colossalai", "horovodrun"};
    return names.count(program) > 0;
}

bool looks_like_work(const Launch& launch) {
    const std::string name = launch.program_name();
    return name.rfind("python", 0) == 0 || name == "warpstep" || is_launcher(name) ||
           (name.size() > 3 && name.compare(name.size() - 3, 3, ".py") == 0);
}

std::optional<int> nodes_of(const Script& script, const Launch& launch) {
    if (find(launch.options, "nodes") != nullptr) return whole(launch.options, "nodes");
    return script.nodes();
}

std::optional<int> tasks_of(const Script& script, const Launch& launch) {
    if (find(launch.options, "ntasks") != nullptr) return whole(launch.options, "ntasks");
    // srun inherits SLURM_NTASKS of a job with -n, and then ignores its own --ntasks-per-node.
    if (find(script.directives, "ntasks") != nullptr) return whole(script.directives, "ntasks");
    if (const auto each = whole(launch.options, "ntasks-per-node")) {
        const auto nodes = nodes_of(script, launch);
        if (!nodes) return std::nullopt;
        return *each * *nodes;
    }
    return script.tasks();
}

namespace {

using Remarks = std::vector<Remark>;

void late_directives(const Script& script, const SlurmVersion&, Remarks& remarks) {
    for (const Option& late : script.late) {
        remarks.push_back({"", Weight::warning, late.line,
                           fmt::format("sbatch ignores '#SBATCH {}' (it stands after the first "
                                       "command)",
                                       late.value),
                           "move it above the first command"});
    }
}

void no_srun(const Script& script, const SlurmVersion&, Remarks& remarks) {
    const auto tasks = script.tasks();
    if (!tasks || *tasks < 2) return;
    for (const Launch& launch : script.launches) {
        if (launch.through_srun || !looks_like_work(launch) || is_launcher(launch.program_name()))
            continue;
        if (launch.program_name() == "warpstep" && launch.program.size() > 1 &&
            (launch.program[1] == "lint" || launch.program[1] == "plan"))
            continue;
        remarks.push_back(
            {"", Weight::warning, launch.line,
             fmt::format("{} is started once, on the first node (there is no srun before it, and "
                         "the job has {} tasks)",
                         launch.program_name(), *tasks),
             fmt::format("srun --mpi=pmix {}", join(launch.program, " "))});
    }
}

void launcher_per_task(const Script& script, const SlurmVersion&, Remarks& remarks) {
    for (const Launch& launch : script.launches) {
        const std::string name = launch.program_name();
        if (!launch.through_srun || !is_launcher(name)) continue;
        const auto tasks = tasks_of(script, launch), nodes = nodes_of(script, launch);
        if (!tasks || !nodes || *tasks <= *nodes) continue;
        const bool ignored = find(launch.options, "ntasks-per-node") != nullptr &&
                             find(launch.options, "ntasks") == nullptr;
        remarks.push_back(
            {"", Weight::warning, launch.line,
             fmt::format(
                 "{} launchers are started on {} (srun starts {} tasks and each {} starts "
                 "a process for every GPU{})",
                 *tasks, *nodes == 1 ? "one node" : fmt::format("{} nodes", *nodes), *tasks, name,
                 ignored ? "; srun ignores --ntasks-per-node because the job has --ntasks" : ""),
             fmt::format("srun -n $SLURM_NNODES --ntasks-per-node=1 {}",
                         join(launch.program, " "))});
    }
}

void mpirun_in_step(const Script& script, const SlurmVersion&, Remarks& remarks) {
    for (const Launch& launch : script.launches) {
        const std::string name = launch.program_name();
        if (!launch.through_srun || (name != "mpirun" && name != "mpiexec")) continue;
        remarks.push_back(
            {"", Weight::warning, launch.line,
             fmt::format("{} under srun sees a step of one task and finds not enough "
                         "slots",
                         name),
             fmt::format("drop {}: srun --mpi=pmix PROGRAM starts the ranks itself", name)});
    }
}

void no_pmix(const Script& script, const SlurmVersion&, Remarks& remarks) {
    for (const Launch& launch : script.launches) {
        const Option* mpi = find(launch.options, "mpi");
        const auto tasks = tasks_of(script, launch);
        if (mpi == nullptr || mpi->value.rfind("pmix", 0) == 0 || tasks.value_or(2) < 2) continue;
        if (launch.program.empty() || launch.program[0].find("warpstep") == std::string::npos)
            continue;
        remarks.push_back({"", Weight::warning, launch.line,
                           fmt::format("every task would be a step of its own (--mpi={} has no "
                                       "PMIx server)",
                                       mpi->value),
                           "srun --mpi=pmix; srun --mpi=list shows what is built"});
    }
}

void ntasks_only(const Script& script, const SlurmVersion&, Remarks& remarks) {
    const Option* ntasks = find(script.directives, "ntasks");
    if (ntasks == nullptr || whole(script.directives, "ntasks").value_or(1) < 2 ||
        find(script.directives, "ntasks-per-node") != nullptr)
        return;
    const auto each = script.per_node();
    const std::string number = each ? std::to_string(*each) : "N";
    remarks.push_back({"", Weight::information, ntasks->line,
                       "--ntasks alone sets no SLURM_NTASKS_PER_NODE, which Lightning insists on",
                       fmt::format("#SBATCH --ntasks-per-node={}", number)});
}

/// Bash runs a trap only when the command in the foreground has ended.
void batch_only_signal(const Script& script, const SlurmVersion&, Remarks& remarks) {
    const Option* signal = find(script.directives, "signal");
    if (signal == nullptr || signal->value.find("B:") == std::string::npos) return;
    const auto foreground = std::find_if(
        script.launches.begin(), script.launches.end(),
        [](const Launch& launch) { return launch.through_srun && !launch.background; });
    const bool forwards = script.traps && !script.waits.empty();
    if (foreground == script.launches.end() && forwards) return;
    std::string without = signal->value;
    without.erase(without.find("B:"), 2);
    const std::string why =
        foreground != script.launches.end()
            ? fmt::format("bash runs its trap after the srun of line {} has ended",
                          foreground->line)
            : "nothing forwards it to the tasks";
    remarks.push_back(
        {"", Weight::warning, signal->line,
         fmt::format("--signal={} reaches the batch shell only ({})", signal->value, why),
         fmt::format("#SBATCH --signal={}, or 'srun … &', trap 'kill -USR1 $!' USR1, wait",
                     without)});
}

}  // namespace

std::vector<Topic> launch_topics() {
    return {
        {"script-late-directive", "#SBATCH lines after the first command", late_directives},
        {"launch-no-srun", "programs started without srun in a job of several tasks", no_srun},
        {"launch-launcher-per-task", "torchrun and its like once per task", launcher_per_task},
        {"launch-mpirun-in-step", "mpirun under srun", mpirun_in_step},
        {"slurm-pmix-missing", "warpstep under another MPI type than PMIx", no_pmix},
        {"launch-ntasks-only", "--ntasks without --ntasks-per-node", ntasks_only},
        {"signal-batch-only", "signals that reach the batch shell only", batch_only_signal},
    };
}

}  // namespace warpstep::check::lint
