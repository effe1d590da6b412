// SPDX-License-Identifier: Apache-2.0
// Tasks against GPUs.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/check/rules/grant.hpp"
#include "runtime/check/rules/launchers.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/check/slurm_version.hpp"

namespace warpstep::check::families {
namespace {

/// Nodes with granted GPUs whose tasks are all known to the launcher. Writes SKIP when there is
/// none, or when a cause that hides the count is told by another rule.
std::vector<NodeGrant> judged_grants(const std::vector<Task>& tasks, Judge& judge) {
    if (skips_outside_job(tasks, judge)) return {};
    const Task& first = tasks.front();
    if (has_stale_variables(first) || lacks_srun(first) || lacks_pmix(first)) {
        judge.skip("the tasks were not started as one step");
        return {};
    }
    auto grants = grants_of(tasks);
    grants.erase(std::remove_if(grants.begin(), grants.end(),
                                [](const NodeGrant& g) { return g.gpus.value_or(0) == 0; }),
                 grants.end());
    if (grants.empty()) judge.skip("Slurm granted no GPUs");
    return grants;
}

/// GPUs that were asked for per task: such tasks mean to use several.
int wanted_per_task(const Task& task) {
    if (const auto count = count_gpus(task, "SLURM_GPUS_PER_TASK")) return *count;
    const std::string tres = task.variable("SLURM_TRES_PER_TASK").value_or("");
    const auto gpu = tres.find("gres/gpu");
    if (gpu == tres.npos) return 0;
    const auto number = tres.find_first_of("=:", gpu);
    return number == tres.npos ? 0 : count_gpus(tres.substr(number + 1)).value_or(0);
}

/// Every task may use several GPUs and there are fewer tasks than GPUs, which nobody has asked for.
bool has_few_tasks(const NodeGrant& grant) {
    const int gpus = *grant.gpus;
    const Task& task = *grant.tasks.front();
    const bool apart = grant.tasks.size() > 1 && !grant.shared;
    return grant.count < gpus && grant.fewest > 1 &&
           grant.given.size() >= static_cast<std::size_t>(gpus) && !apart &&
           grant.count * wanted_per_task(task) < gpus && per_node_launcher(task.command).empty();
}

void judge_one_task(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    const auto grants = judged_grants(tasks, judge);
    for (const NodeGrant& grant : grants) {
        if (!has_few_tasks(grant)) continue;
        const int gpus = *grant.gpus;
        judge.fire(grant.subject(),
                   fmt::format("{} on a node with {} granted GPUs, all of which each task sees",
                               counted(grant.count, "task"), gpus),
                   {std::to_string(grant.count), std::to_string(gpus), "tasks per node"},
                   fmt::format("srun --mpi=pmix --ntasks-per-node={0} {1} (and #SBATCH "
                               "--ntasks-per-node={0}), or a launcher that starts one process "
                               "per GPU, such as torchrun --nproc-per-node={0}",
                               gpus, show_command(*grant.tasks.front())));
    }
    if (!grants.empty()) judge.pass_if_silent("as many tasks as GPUs, or each has GPUs of its own");
}

void judge_idle(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    const auto grants = judged_grants(tasks, judge);
    for (const NodeGrant& grant : grants) {
        const int gpus = *grant.gpus, used = static_cast<int>(grant.given.size());
        if (used == 0)
            judge.unknown(grant.subject(), "nothing tells which GPUs the tasks were given");
        if (used == 0 || used >= gpus || grant.count >= gpus) continue;
        judge.fire(
            grant.subject(),
            fmt::format("{} of {} granted GPUs belong to no task ({} on the node)", gpus - used,
                        gpus, counted(grant.count, "task")),
            {std::to_string(used), std::to_string(gpus), "GPUs"},
            fmt::format("--ntasks-per-node={}, or ask for less: --gpus-per-node={}", gpus, used));
    }
    if (!grants.empty()) judge.pass_if_silent("every granted GPU was given to a task");
}

bool may_share(const Facts& facts, const NodeGrant& grant) {
    const bool by_mps = grant.facts() != nullptr && grant.facts()->mps;
    const bool by_shards = grant.tasks.front()->variable("SLURM_SHARDS_ON_NODE").has_value();
    return by_mps || by_shards || grant.count <= facts.intent.share.value_or(1) * *grant.gpus;
}

void judge_tasks_per_gpu(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    const auto grants = judged_grants(tasks, judge);
    for (const NodeGrant& grant : grants) {
        const int gpus = *grant.gpus;
        if (grant.count <= gpus || may_share(facts, grant)) continue;
        const int share = (grant.count + gpus - 1) / gpus;
        judge.fire(grant.subject(),
                   fmt::format("{} tasks on a node with {} and without MPS", grant.count,
                               counted(gpus, "granted GPU")),
                   {std::to_string(grant.count), std::to_string(gpus), "tasks per node"},
                   fmt::format("--ntasks-per-node={}; to share on purpose write placement: "
                               "{{share: {}}} in the workload and start MPS with "
                               "nvidia-cuda-mps-control -d",
                               gpus, share));
    }
    if (!grants.empty()) judge.pass_if_silent("no more tasks than GPUs, or they share on purpose");
}

void judge_uneven(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    const auto grants = judged_grants(tasks, judge);
    if (grants.empty()) return;
    if (tasks.front().slurm.heterogeneous()) return judge.skip("components may differ");
    int sum = 0, most = 0;
    std::string counts;
    for (const NodeGrant& grant : grants) {
        sum += *grant.gpus;
        most = std::max(most, *grant.gpus);
    }
    const NodeGrant& first = grants.front();
    const auto other = std::find_if(grants.begin(), grants.end(),
                                    [&](const NodeGrant& g) { return g.gpus != first.gpus; });
    const int nodes = static_cast<int>(grants.size());
    if (other == grants.end())
        return judge.pass({}, fmt::format("{} GPUs on every node", *first.gpus));
    judge.fire(
        {},
        fmt::format("{} GPUs on {}, {} on {}", *first.gpus, first.node, *other->gpus, other->node),
        {}, fmt::format("--gpus-per-node={}", sum % nodes == 0 ? sum / nodes : most));
}

/// A step beside which another of its size could run, did it not hold all GPUs of the job.
bool has_inherited(const NodeGrant& grant) {
    const Task& task = *grant.tasks.front();
    const auto inherited = count_gpus(task, "SLURM_GPUS_PER_NODE");
    const auto of_job = task.number("SLURM_NTASKS_PER_NODE");
    return task.in_step() && inherited && inherited == grant.gpus && of_job &&
           2 * grant.count <= *of_job && 2 * grant.count <= *inherited;
}

void judge_inherited(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    const auto grants = judged_grants(tasks, judge);
    for (const NodeGrant& grant : grants) {
        const std::string text = grant.facts() == nullptr ? "" : grant.facts()->slurm_version;
        const auto version = parse_slurm_version(text);
        if (version && *version >= since::gpus_replace_gpus_per_node)
            return judge.skip(fmt::format("Slurm {} takes srun's own request alone", text));
        if (!has_inherited(grant)) continue;
        if (!version) {
            judge.unknown(grant.subject(), "the version of Slurm is not known");
            continue;
        }
        judge.fire(grant.subject(),
                   fmt::format("a step of {} of the {} tasks per node holds all {} GPUs of the "
                               "job: SLURM_GPUS_PER_NODE is inherited",
                               grant.count, *grant.tasks.front()->number("SLURM_NTASKS_PER_NODE"),
                               *grant.gpus),
                   {},
                   fmt::format("srun --exact --gres=gpu:{} PROGRAM, or unset "
                               "SLURM_GPUS_PER_NODE before srun --gpus",
                               grant.count));
    }
    if (!grants.empty()) judge.pass_if_silent("the step has no GPUs beyond its share");
}

}  // namespace

std::vector<Rule> grant_counts() {
    return {
        {"grant-one-task", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "Several GPUs are granted and one is used.",
         "There are fewer tasks than GPUs and every task sees all of them; a program that is not "
         "written for several GPUs takes the first.",
         "Tasks on the node against SLURM_GPUS_ON_NODE, and the GPUs that each task was given.",
         "Start one task per GPU: --ntasks-per-node=8", over_nodes(judge_one_task)},
        {"grant-idle-gpus", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "Granted GPUs stay idle to the end.",
         "Each task is bound to GPUs of its own, and there are fewer tasks than GPUs.",
         "The GPUs that the tasks of a node were given, together, against SLURM_GPUS_ON_NODE.",
         "Start as many tasks as GPUs, or ask for fewer GPUs.", over_nodes(judge_idle)},
        {"slurm-tasks-per-gpu", grant_heading, Severity::error, Privilege::user, Level::quick,
         "Everything is slower than on one GPU alone, or memory runs out.",
         "There are more tasks than GPUs, so several share one by turns; without MPS they do not "
         "even overlap.",
         "Tasks on the node against SLURM_GPUS_ON_NODE, where neither MPS, shards nor an announced "
         "share allow more.",
         "Start as many tasks as GPUs: --ntasks-per-node=8", over_nodes(judge_tasks_per_gpu)},
        {"grant-uneven-gpus", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "Some ranks have a GPU for themselves and some share one.",
         "GPUs were asked for as a total (--gpus=6 on two nodes), which Slurm deals out unevenly.",
         "SLURM_GPUS_ON_NODE of the nodes.", "Ask with --gpus-per-node=N.", once(judge_uneven)},
        {"grant-gpus-inherited", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "srun --gpus=1 in a job still gets all GPUs, and steps in the background run one after "
         "the other.",
         "Before Slurm 24.11 srun adds its request to the SLURM_GPUS_PER_NODE that it inherits "
         "from the job.",
         "SLURM_GPUS_ON_NODE equals SLURM_GPUS_PER_NODE in a step of at most half of the tasks "
         "per node that SLURM_NTASKS_PER_NODE says of the job.",
         "srun --exact --gres=gpu:1 PROGRAM, or unset SLURM_GPUS_PER_NODE",
         over_nodes(judge_inherited)},
    };
}

}  // namespace warpstep::check::families
