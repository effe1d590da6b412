// SPDX-License-Identifier: Apache-2.0
// Were GPUs asked for, and are those there that were granted?
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/grant.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::families {
namespace {

bool any_mig(const NodeFacts& node) {
    return std::any_of(node.gpus.begin(), node.gpus.end(),
                       [](const GpuFacts& g) { return g.modes.mig_current.value_or(false); });
}

/// GPUs on the bus that the driver has lost: another rule names each.
int lost_gpus(const NodeFacts& node) {
    return static_cast<int>(
        std::count_if(node.gpus.begin(), node.gpus.end(), [](const GpuFacts& g) {
            return g.on_bus && g.granted && (!g.in_nvml || !g.problem.empty());
        }));
}

/// A binding to single GPUs, under which no task need see all of them.
bool is_bound(const Task& task) {
    for (const char* name : {"SLURMD_TRES_BIND", "SLURM_TRES_BIND", "SLURM_GPU_BIND"}) {
        const std::string bind = task.variable(name).value_or("");
        if (!bind.empty() && bind.find("none") == bind.npos) return true;
    }
    return false;
}

/// UUIDs that NVML lists for any task of the node; nothing when it told none of them.
std::optional<std::set<std::string>> seen_in_nvml(const NodeGrant& grant) {
    std::optional<std::set<std::string>> seen;
    for (const Task* task : grant.tasks) {
        if (task->facts == nullptr || !task->facts->nvml_gpus) continue;
        if (!seen) seen.emplace();
        for (const SeenGpu& gpu : *task->facts->nvml_gpus) seen->insert(gpu.uuid);
    }
    return seen;
}

constexpr char ask_node[] =
    "scontrol show node {0} (CfgTRES against Gres); nvidia-smi -L on {0}; submit again with "
    "--exclude={0} until it is repaired";

/// What Slurm's configuration says against what the machine has.
bool configured_differs(const NodeFacts& node, Judge& judge) {
    const auto found = std::count_if(node.gpus.begin(), node.gpus.end(),
                                     [](const GpuFacts& g) { return g.on_bus; });
    const bool told = node.node_reason.find("count reported lower") != std::string::npos;
    if (told) {
        judge.fire(
            subject_of(node), "slurmd found fewer GPUs than slurm.conf says",
            fmt::format("slurmd found fewer GPUs than slurm.conf says: {}", node.node_reason), {},
            fmt::format(ask_node, node.name));
        return true;
    }
    if (node.configured_gpus && *node.configured_gpus > found && !any_mig(node)) {
        judge.fire(subject_of(node),
                   fmt::format("Slurm is configured for {} GPUs, the machine has {}",
                               *node.configured_gpus, found),
                   {std::to_string(found), std::to_string(*node.configured_gpus), "GPUs"},
                   fmt::format(ask_node, node.name));
        return true;
    }
    return false;
}

/// What was granted against what the driver and the device files show.
void judge_granted(const NodeGrant& grant, const NodeFacts& node, int seen, Judge& judge) {
    const int granted = *grant.gpus;
    if (!is_bound(*grant.tasks.front()) && seen + lost_gpus(node) < granted) {
        judge.fire(grant.subject(),
                   fmt::format("{} GPUs are granted, NVML lists {}", granted, seen),
                   {std::to_string(seen), std::to_string(granted), "GPUs"},
                   fmt::format(ask_node, grant.node));
    } else if (node.device_files && *node.device_files < granted) {
        judge.fire(grant.subject(),
                   fmt::format("{} GPUs are granted, but only {} files /dev/nvidiaN are here",
                               granted, *node.device_files),
                   {std::to_string(*node.device_files), std::to_string(granted), "GPUs"},
                   "in a container, pass all granted GPUs on; on the node, nvidia-smi -L makes the "
                   "missing files when root runs it");
    }
}

/// GPUs are granted here, and nothing of NVIDIA is found: no driver, or none that this process may
/// see.
bool finds_none(const NodeGrant& grant, const NodeFacts& node) {
    return grant.gpus.value_or(0) > 0 && !node.has_nvidia && node.gpus.empty();
}

/// Says whether the node could be judged.
bool judge_node(const NodeGrant& grant, const NodeFacts& node, Judge& judge) {
    if (finds_none(grant, node)) {
        judge.unknown(
            grant.subject(),
            fmt::format("{} granted, but no GPU can be found here (no NVIDIA driver)",
                        counted(*grant.gpus, "GPU") + (*grant.gpus == 1 ? " is" : " are")));
        return true;
    }
    if (!node.has_nvidia) return false;
    const bool fired = configured_differs(node, judge);
    if (!grant.gpus || any_mig(node) || grant.tasks.front()->facts == nullptr) return false;
    const auto seen = seen_in_nvml(grant);
    if (!seen)
        judge.unknown(grant.subject(), "NVML does not say which GPUs are here");
    else if (!fired)
        judge_granted(grant, node, static_cast<int>(seen->size()), judge);
    return true;
}

void judge_count(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    const auto grants = grants_of(tasks);
    bool judged = false;
    for (const NodeGrant& grant : grants) {
        const NodeFacts* node = grant.facts();
        if (node == nullptr || node->described) continue;
        judged = judge_node(grant, *node, judge) || judged;
    }
    if (judged)
        judge.pass_if_silent("Slurm's count, NVML and the device files agree");
    else
        judge.skip_if_silent("no NVIDIA GPUs of this machine are granted by Slurm");
}

/// In a job, and not hidden by a missing srun.
bool is_judged(const Task& task) {
    // The shell of salloc may run where the job has no node.
    return (task.in_step() || task.started_by == "batch") && task.slurm.in_job() &&
           !lacks_srun(task) && !has_stale_variables(task);
}

bool is_granted(const Task& task) {
    return task.variable("SLURM_GPUS_ON_NODE") || task.variable("SLURM_STEP_GPUS") ||
           (!task.in_step() && task.variable("SLURM_JOB_GPUS"));
}

/// A GPU whose device file opens though the task was given none.
bool opens_a_gpu(const Task& task) {
    if (task.facts == nullptr || !task.facts->nvml_gpus) return false;
    return std::any_of(task.facts->nvml_gpus->begin(), task.facts->nvml_gpus->end(),
                       [](const SeenGpu& gpu) { return gpu.openable.value_or(false); });
}

bool job_has_gpus(const Task& task) {
    return task.in_step() && !task.variable("SLURM_JOB_GPUS").value_or("").empty();
}

enum class Missing { exclusive, unconstrained, not_requested };

/// Why a task has no GPU granted: one answer for each task, so that one rule speaks.
Missing reason_of(const Task& task) {
    if (job_has_gpus(task)) return Missing::exclusive;
    return opens_a_gpu(task) ? Missing::unconstrained : Missing::not_requested;
}

template <typename SaidOf>
void judge_missing(const Facts& facts, Judge& judge, Missing reason, SaidOf said_of) {
    const auto tasks = tasks_of(facts);
    std::size_t judged = 0;
    for (const Task& task : tasks) {
        if (!is_judged(task) || !has_gpus(task)) continue;
        ++judged;
        if (!is_granted(task) && reason_of(task) == reason) say(judge, task, said_of(task));
    }
    if (judged == 0) return judge.skip("no task of a Slurm job on a node with GPUs");
    judge.pass_if_silent("the tasks have what they were granted");
}

int gpus_of_node(const Task& task) {
    return task.node->configured_gpus.value_or(static_cast<int>(task.node->gpus.size()));
}

void judge_exclusive(const Facts& facts, Judge& judge) {
    judge_missing(facts, judge, Missing::exclusive, [](const Task& task) {
        const std::string list = *task.variable("SLURM_JOB_GPUS");
        return Said{fmt::format("the job holds GPUs {}, but this step was given none", list),
                    {"0", "", "GPUs"},
                    fmt::format("--gres=gpu:{} for the job and for srun", gpus_of_node(task))};
    });
}

void judge_not_requested(const Facts& facts, Judge& judge) {
    judge_missing(facts, judge, Missing::not_requested, [](const Task& task) {
        return Said{fmt::format("job {} asked for no GPU (SLURM_GPUS_ON_NODE is not set); the node "
                                "has {}",
                                task.job(), gpus_of_node(task)),
                    {"0", "", "GPUs"},
                    fmt::format("--gpus-per-node={}", gpus_of_node(task))};
    });
}

void judge_unconstrained(const Facts& facts, Judge& judge) {
    judge_missing(facts, judge, Missing::unconstrained, [](const Task& task) {
        const auto setting = task.node->constrain_devices;
        return Said{
            fmt::format("no GPU was asked for, yet {} can be opened{}",
                        task.facts->nvml_gpus->size(),
                        setting && !*setting ? "; cgroup.conf has ConstrainDevices=no" : ""),
            {},
            fmt::format("ask for what is used: --gpus-per-node={}; administrator: "
                        "ConstrainDevices=yes in cgroup.conf and TaskPlugin=task/cgroup",
                        gpus_of_node(task))};
    });
}

}  // namespace

std::vector<Rule> grant_missing() {
    return {
        {"slurm-gpu-count", grant_heading, Severity::error, Privilege::user, Level::quick,
         "A GPU fewer than was asked for, or a node that drains with \"gres/gpu count reported "
         "lower than configured\".",
         "The node has fewer working GPUs than Slurm believes, often after a GPU was lost, after a "
         "change of MIG mode, or in a container that passes on only some of them.",
         "SLURM_GPUS_ON_NODE and the node's CfgTRES against NVML, the PCI bus and /dev/nvidiaN.",
         "scontrol show node NODE and nvidia-smi -L; drain the node until they agree.",
         over_nodes(judge_count)},
        {"grant-exclusive-without-gpus", grant_heading, Severity::warning, Privilege::user,
         Level::quick, "The GPU works in the batch script, but not under srun.",
         "The job holds the whole node through --exclusive without asking for GPUs: the batch "
         "script sees them, but no step is given any.",
         "SLURM_JOB_GPUS is set where SLURM_STEP_GPUS and SLURM_GPUS_ON_NODE are not.",
         "Ask for the GPUs: --gres=gpu:8", over_ranks(judge_exclusive)},
        {"grant-gpu-not-requested", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "\"no CUDA-capable device\", or the program falls back to the CPU.",
         "The job runs on a node with GPUs but did not ask for any.",
         "SLURM_GPUS_ON_NODE and SLURM_STEP_GPUS are not set, and no GPU of the node can be "
         "opened.",
         "Ask for the GPUs: --gpus-per-node=8", over_ranks(judge_not_requested)},
        {"grant-gpus-unconstrained", grant_heading, Severity::warning, Privilege::user,
         Level::quick, "A job without GPUs computes on the GPUs of others.",
         "The job asked for no GPU, but nothing keeps it from opening them: Slurm does not "
         "constrain devices here.",
         "SLURM_GPUS_ON_NODE is not set, but NVML lists GPUs whose device files can be opened.",
         "Ask for the GPUs that you use; administrator: ConstrainDevices=yes in cgroup.conf.",
         over_ranks(judge_unconstrained)},
    };
}

}  // namespace warpstep::check::families
