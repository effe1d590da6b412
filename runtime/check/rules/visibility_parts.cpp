// SPDX-License-Identifier: Apache-2.0
// Parts of GPUs: MIG instances, MPS, shards.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/visibility.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

using Names = std::vector<std::string>;

/// The MIG instances that a task was given. CUDA itself shows the first one only, so the variable
/// counts where it names some.
Names instances_of(const Seeing& task) {
    Names instances;
    const auto list = variable(task.rank->env, "CUDA_VISIBLE_DEVICES");
    for (const std::string& entry : split(list.value_or(""), ',')) {
        if (is_mig(std::string(trim(entry)))) instances.emplace_back(trim(entry));
    }
    if (!instances.empty() || !task.view.visible) return instances;
    std::copy_if(task.view.visible->begin(), task.view.visible->end(),
                 std::back_inserter(instances), is_mig);
    return instances;
}

void judge_several(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        const Names instances = instances_of(task);
        if (instances.size() <= 1) continue;
        fire_with(judge, task.subject(),
                  fmt::format("{} MIG instances were given to one task, and a process uses one",
                              instances.size()),
                  some_of(instances),
                  fmt::format("one task per instance: srun --ntasks-per-node={0} "
                              "--gpus-per-node={0} --gpu-bind=single:1",
                              instances.size() *
                                  static_cast<std::size_t>(std::max(1, task.rank->local_size))));
    }
    judge.pass_if_silent("no task was given several MIG instances");
}

void judge_same_instance(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    std::map<std::pair<std::string, std::string>, std::vector<const Seeing*>> users;
    const std::vector<Seeing> all = seeing(facts);
    for (const Seeing& task : all) {
        const Names instances = instances_of(task);
        if (!instances.empty()) users[{task.rank->node, instances.front()}].push_back(&task);
    }
    const auto allowed = static_cast<std::size_t>(std::max(1, facts.intent.share.value_or(1)));
    for (const auto& [instance, tasks] : users) {
        if (tasks.size() <= allowed) continue;
        for (const Seeing* task : tasks)
            fire_with(judge, task->subject(),
                      fmt::format("{} tasks of a node use the same MIG instance", tasks.size()),
                      instance.second);
    }
    judge.pass_if_silent("no MIG instance is used by more tasks than may share it");
}

void judge_nccl(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        const Names instances = instances_of(task);
        if (!instances.empty() && facts.size > 1)
            fire_with(judge, task.subject(),
                      fmt::format("a MIG instance is used in a step of {} ranks", facts.size),
                      instances.front());
    }
    judge.pass_if_silent("no rank of a parallel step uses a MIG instance");
}

void judge_mps(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    std::size_t judged = 0;
    for (const RankFacts& rank : facts.ranks) {
        const NodeFacts* node = facts.node(rank.node);
        if (node == nullptr || node->described) continue;
        ++judged;
        const auto asks = std::find_if(rank.env.begin(), rank.env.end(), [](const auto& entry) {
            return entry.first.rfind("CUDA_MPS_", 0) == 0;
        });
        if (asks == rank.env.end() || node->mps) continue;
        const auto directory =
            variable(rank.env, "CUDA_MPS_PIPE_DIRECTORY").value_or("/tmp/nvidia-mps");
        judge.fire(
            {rank.node, rank.rank, "", "", ""},
            fmt::format("{}={} asks for MPS, but no daemon answers at {}", asks->first,
                        asks->second, directory),
            {},
            fmt::format("on each node, before the step: CUDA_MPS_PIPE_DIRECTORY={} "
                        "nvidia-cuda-mps-control -d (administrator: in the prolog); or unset "
                        "{}",
                        directory, asks->first));
    }
    if (judged == 0) return judge.skip("the nodes are only described");
    judge.pass_if_silent("no rank asks for an MPS daemon that is not there");
}

bool is_foreign(const GpuProcess& process) {
    return !process.of_this_step && !process.of_this_job;
}

void judge_shard(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge) || no_hardware(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        const NodeFacts* node = facts.node(task.rank->node);
        if (node == nullptr || node->described) continue;
        if (!task.rank->env.contains("SLURM_SHARDS_ON_NODE")) continue;
        if (!task.view.visible) judge.unknown(task.subject(), task.view.visible_problem);
        for (const GpuFacts& gpu : node->gpus) {
            const auto& visible = task.view.visible;
            if (!visible || without({name_of(gpu)}, *visible).size() == 1) continue;
            const auto others =
                std::count_if(gpu.processes.begin(), gpu.processes.end(), is_foreign);
            if (others > 0)
                fire_with(judge, task.subject(),
                          fmt::format("{} of other jobs on the GPU that this job has a shard of",
                                      counted(others, "process")),
                          name_of(gpu));
        }
    }
    judge.pass_if_silent("no other job is on a GPU of which a shard was granted");
}

}  // namespace

std::vector<Rule> rules_of_gpu_parts() {
    return {
        {"mig-several-per-task", visibility_family, Severity::warning, Privilege::user,
         Level::quick, "Three MIG instances were granted and one is used.",
         "A CUDA process sees one MIG instance, the first that CUDA_VISIBLE_DEVICES names.",
         "The MIG instances that each task was given.", "Start one task per MIG instance.",
         over_ranks(judge_several)},
        {"mig-nccl", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "NCCL fails with \"Duplicate GPU detected\" or cannot reach its peers.",
         "MIG instances have no peer access, and those of one GPU share its PCI address, which "
         "NCCL "
         "takes for the same GPU.",
         "MIG instances among the visible GPUs of a step with several ranks.",
         "Ask for whole GPUs (--gres=gpu:TYPE:N without a MIG profile), or run one rank per job.",
         over_ranks(judge_nccl)},
        {"mig-same-instance", visibility_family, Severity::error, Privilege::user, Level::quick,
         "All tasks run on the same MIG instance and the others are idle.",
         "Slurm before 23.11.4 gives all tasks the first instance with --gpus-per-task.",
         "The UUID of the first MIG instance of each task, compared between the tasks of a node.",
         "Leave --gpus-per-task away: srun --gpus-per-node=N --ntasks-per-node=N warpstep exec "
         "--visible one -- CMD.",
         over_ranks(judge_same_instance)},
        {"mps-daemon-missing", visibility_family, Severity::error, Privilege::user, Level::quick,
         "CUDA hangs or fails when it starts, or sharing a GPU brings nothing.",
         "CUDA_MPS_* variables ask for MPS, but no control daemon runs on the node.",
         "CUDA_MPS_* of each rank against the control pipe of the node.",
         "On each node, before the step: nvidia-cuda-mps-control -d.", over_ranks(judge_mps)},
        {"shard-neighbour", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "Memory runs out though the program needs little.",
         "A shard is a share of a GPU in the books of Slurm only: nothing keeps jobs from each "
         "other's memory.",
         "SLURM_SHARDS_ON_NODE, and processes of other jobs in NVML's list of that GPU.",
         "Ask for a whole GPU (--gpus-per-node=1), or cap the memory in the program, such as "
         "torch.cuda.set_per_process_memory_fraction.",
         over_ranks(judge_shard)},
    };
}

}  // namespace warpstep::check
