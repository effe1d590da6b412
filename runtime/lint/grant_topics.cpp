// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/base/text.hpp"
#include "runtime/lint/lint_topics.hpp"

namespace warpstep::check::lint {
namespace {

using Remarks = std::vector<Remark>;

/// "gpu-bind=single:1" as it was written, nothing when the options have none of these.
std::optional<std::pair<std::string, int>> isolating(const Options& options) {
    for (const char* name : {"gpus-per-task", "ntasks-per-gpu"}) {
        if (const Option* option = find(options, name))
            return std::pair{fmt::format("--{}={}", name, option->value), option->line};
    }
    const Option* bind = find(options, "gpu-bind");
    if (bind == nullptr) return std::nullopt;
    for (const char* kind : {"single", "per_task", "map_gpu", "mask_gpu", "closest"}) {
        if (bind->value.find(kind) != std::string::npos)
            return std::pair{"--gpu-bind=" + bind->value, bind->line};
    }
    return std::nullopt;
}

bool allows_sharing(const Options& options) {
    const Option* flags = find(options, "gres-flags");
    return flags != nullptr && flags->value.find("allow-task-sharing") != std::string::npos;
}

void isolate(const Options& options, const SlurmVersion& version, Remarks& remarks) {
    const auto found = isolating(options);
    if (!found) return;
    const bool can_share = version >= since::allow_task_sharing;
    if (can_share && allows_sharing(options)) return;
    remarks.push_back(
        {"", Weight::warning, found->second,
         fmt::format("{} hides the other tasks' GPUs where the site constrains devices: no NVLink "
                     "or peer copies between tasks",
                     found->first),
         fmt::format("--gpus-per-node=N --ntasks-per-node=N and let the program choose (warpstep "
                     "exec -- CMD){}",
                     can_share ? ", or add --gres-flags=allow-task-sharing" : "")});
}

void isolated_tasks(const Script& script, const SlurmVersion& version, Remarks& remarks) {
    if (script.tasks().value_or(2) > 1) isolate(script.directives, version, remarks);
    for (const Launch& launch : script.launches) {
        if (launch.through_srun && tasks_of(script, launch).value_or(2) > 1)
            isolate(launch.options, version, remarks);
    }
}

bool unsets(const Script& script, const char* name) {
    return std::find(script.unset.begin(), script.unset.end(), name) != script.unset.end();
}

void inherited_gpus_per_node(const Script& script, const SlurmVersion& version, Remarks& remarks) {
    const Option* job = find(script.directives, "gpus-per-node");
    if (job == nullptr || version >= since::gpus_replace_gpus_per_node ||
        unsets(script, "SLURM_GPUS_PER_NODE"))
        return;
    for (const Launch& launch : script.launches) {
        const Option* own = find(launch.options, "gpus");
        if (!launch.through_srun || own == nullptr) continue;
        remarks.push_back(
            {"", Weight::warning, launch.line,
             fmt::format("srun --gpus={} still gets {} GPUs on each node (before "
                         "Slurm 24.11 the job's --gpus-per-node is inherited), so "
                         "such steps run one after the other",
                         own->value, job->value),
             fmt::format("srun --exact --gres=gpu:{}, or unset SLURM_GPUS_PER_NODE", own->value)});
    }
}

void inherited_gpus(const Script& script, const SlurmVersion&, Remarks& remarks) {
    const Option* job = find(script.directives, "gpus");
    const auto nodes = script.nodes();
    if (job == nullptr || !nodes || *nodes < 2 || unsets(script, "SLURM_GPUS")) return;
    for (const Launch& launch : script.launches) {
        const auto over = nodes_of(script, launch);
        const bool asks = find(launch.options, "gpus") != nullptr ||
                          find(launch.options, "gres") != nullptr ||
                          find(launch.options, "gpus-per-node") != nullptr;
        if (!launch.through_srun || asks || !over || *over >= *nodes) continue;
        remarks.push_back(
            {"", Weight::warning, launch.line,
             fmt::format("this step asks {} for all {} GPUs of the job (SLURM_GPUS "
                         "is inherited) and is refused: \"Invalid generic resource "
                         "specification\"",
                         *over == 1 ? "one node" : fmt::format("{} nodes", *over), job->value),
             "srun --gpus=N with what these nodes have, or unset SLURM_GPUS"});
    }
}

void exclusive_without_gpus(const Script& script, const SlurmVersion&, Remarks& remarks) {
    const Option* exclusive = find(script.directives, "exclusive");
    if (exclusive == nullptr || script.asks_for_gpus()) return;
    const bool steps_ask =
        std::any_of(script.launches.begin(), script.launches.end(), [](const Launch& launch) {
            return find(launch.options, "gres") != nullptr ||
                   find(launch.options, "gpus") != nullptr ||
                   find(launch.options, "gpus-per-node") != nullptr;
        });
    constexpr std::array signs{"cuda", "CUDA", "nvidia", "torch", "jax", "tensorflow", "warpstep"};
    const bool wants = std::any_of(signs.begin(), signs.end(), [&](const char* sign) {
        return script.text.find(sign) != std::string::npos;
    });
    const auto step = std::find_if(script.launches.begin(), script.launches.end(),
                                   [](const Launch& launch) { return launch.through_srun; });
    if (steps_ask || !wants || step == script.launches.end()) return;
    remarks.push_back({"", Weight::warning, exclusive->line,
                       fmt::format("--exclusive gives the batch shell all GPUs but the step of "
                                   "line {} none",
                                   step->line),
                       "#SBATCH --gpus-per-node=N"});
}

void cores_not_inherited(const Script& script, const SlurmVersion& version, Remarks& remarks) {
    const Option* job = find(script.directives, "cpus-per-task");
    if (job == nullptr || whole(script.directives, "cpus-per-task").value_or(2) < 2 ||
        version < since::srun_ignores_cpus_per_task || version >= since::srun_takes_cpus_per_task)
        return;
    const bool passed_on =
        std::any_of(script.exported.begin(), script.exported.end(),
                    [](const Assignment& one) { return one.name == "SRUN_CPUS_PER_TASK"; });
    if (passed_on) return;
    for (const Launch& launch : script.launches) {
        const bool own =
            find(launch.options, "cpus-per-task") != nullptr ||
            std::any_of(launch.assignments.begin(), launch.assignments.end(),
                        [](const Assignment& one) { return one.name == "SRUN_CPUS_PER_TASK"; });
        if (!launch.through_srun || own) continue;
        remarks.push_back(
            {"", Weight::warning, launch.line,
             fmt::format("each task gets one CPU, not {} (from Slurm 22.05 to 23.02 "
                         "srun does not take the job's --cpus-per-task)",
                         job->value),
             fmt::format("srun -c $SLURM_CPUS_PER_TASK {}", join(launch.program, " "))});
    }
}

void cores_contradict(const Script& script, const SlurmVersion& version, Remarks& remarks) {
    const Option* job = find(script.directives, "cpus-per-task");
    if (job == nullptr || version < since::srun_takes_cpus_per_task) return;
    for (const Assignment& one : script.exported) {
        if (one.name != "SLURM_CPUS_PER_TASK" || one.value == job->value) continue;
        remarks.push_back({"", Weight::warning, job->line,
                           fmt::format("srun will refuse: cpus_per_task is set by two variables "
                                       "(SLURM_TRES_PER_TASK says {}, the script sets "
                                       "SLURM_CPUS_PER_TASK to {})",
                                       job->value, one.value),
                           fmt::format("srun -c {} instead of the variable", one.value)});
    }
}

/// What srun refuses because the job's style of asking is inherited as variables.
void mixed_styles(const Script& script, const SlurmVersion& version, Remarks& remarks) {
    const bool per_node = find(script.directives, "ntasks-per-node") != nullptr;
    const Option* per_task = find(script.directives, "gpus-per-task");
    for (const Launch& launch : script.launches) {
        const Option* per_gpu = find(launch.options, "ntasks-per-gpu");
        if (!launch.through_srun || per_gpu == nullptr) continue;
        const bool tres = per_task != nullptr && version >= since::srun_takes_cpus_per_task;
        if (!per_node && !tres) continue;
        remarks.push_back(
            {"", Weight::warning, launch.line,
             fmt::format("srun will refuse --ntasks-per-gpu={} ({} is inherited and excludes it)",
                         per_gpu->value,
                         per_node ? "SLURM_NTASKS_PER_NODE" : "SLURM_TRES_PER_TASK"),
             per_node ? "use --ntasks-per-node in both places"
                      : "use --gpus-per-task in both places"});
    }
}

}  // namespace

std::vector<Topic> grant_topics() {
    return {
        {"slurm-gpu-isolated", "GPUs hidden from the neighbouring tasks", isolated_tasks},
        {"grant-gpus-inherited", "srun --gpus beside an inherited --gpus-per-node",
         inherited_gpus_per_node},
        {"grant-job-gpus-inherited", "small steps that inherit the GPUs of the whole job",
         inherited_gpus},
        {"grant-exclusive-without-gpus", "--exclusive without a GPU request",
         exclusive_without_gpus},
        {"slurm-cpus-not-inherited", "cores that srun does not take over", cores_not_inherited},
        {"cpu-tres-conflict", "two numbers of cores per task", cores_contradict},
        {"grant-styles-mixed", "options that exclude what the job asked for", mixed_styles},
    };
}

}  // namespace warpstep::check::lint
