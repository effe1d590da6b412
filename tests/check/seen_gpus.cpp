// SPDX-License-Identifier: Apache-2.0
#include "tests/check/seen_gpus.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/check/healthy_step.hpp"

namespace warpstep::test {

using namespace check;

void show_gpus(RankFacts& rank, const std::vector<int>& gpus) {
    rank.env["CUDA_VISIBLE_DEVICES"] = fmt::format("{}", fmt::join(gpus, ","));
    rank.cuda_gpus.emplace();
    for (const int gpu : gpus) rank.cuda_gpus->push_back(uuid_of(rank.node, gpu));
}

void give_gpus(RankFacts& rank, const std::vector<int>& gpus) {
    show_gpus(rank, gpus);
    rank.env["SLURM_STEP_GPUS"] = rank.env["CUDA_VISIBLE_DEVICES"];
}

void give_each_its_own(Facts& facts) {
    for (RankFacts& rank : facts.ranks) give_gpus(rank, {rank.local_rank});
}

Facts half_node() {
    Facts facts = healthy_node(4);
    for (std::size_t i = 4; i < 8; ++i) facts.nodes[0].gpus[i].granted = false;
    facts.nodes[0].constrain_devices = false;
    for (RankFacts& rank : facts.ranks) {
        give_gpus(rank, {0, 1, 2, 3});
        rank.env["SLURM_GPUS_ON_NODE"] = rank.env["SLURM_GPUS_PER_NODE"] = "4";
    }
    return facts;
}

Facts upper_half_in_cgroup() {
    Facts facts = half_node();
    NodeFacts& node = facts.nodes[0];
    node.constrain_devices = true;
    for (std::size_t i = 0; i < 8; ++i) {
        node.gpus[i].granted = node.gpus[i].in_nvml = i >= 4;
        node.gpus[i].openable = i >= 4;
    }
    for (RankFacts& rank : facts.ranks) {
        // Cores of the second socket, where these GPUs are.
        const int core = 56 + 14 * rank.local_rank;
        rank.cpus = fmt::format("{}-{},{}-{}", core, core + 13, core + 112, core + 125);
        rank.memory_policy = "preferred 1";
        give_gpus(rank, {4, 5, 6, 7});
        rank.env["CUDA_VISIBLE_DEVICES"] = fmt::format("{}", fmt::join(*rank.cuda_gpus, ","));
        rank.nvml_gpus->erase(rank.nvml_gpus->begin(), rank.nvml_gpus->begin() + 4);
    }
    return facts;
}

std::string instance_of(const std::string& node, int gpu, int instance) {
    return fmt::format("MIG-{}-{}-{}", node, gpu, instance);
}

void give_instances(RankFacts& rank, int gpu, const std::vector<int>& instances) {
    std::vector<std::string> names;
    std::vector<int> numbers;  // Slurm counts the instances of all GPUs
    for (const int instance : instances) {
        names.push_back(instance_of(rank.node, gpu, instance));
        numbers.push_back(2 * gpu + instance);
    }
    rank.env["CUDA_VISIBLE_DEVICES"] = fmt::format("{}", fmt::join(names, ","));
    rank.env["SLURM_STEP_GPUS"] = fmt::format("{}", fmt::join(numbers, ","));
    rank.cuda_gpus = std::vector<std::string>{names.front()};
}

void cut_gpus(Facts& facts) {
    for (NodeFacts& node : facts.nodes) {
        node.configured_gpus.reset();
        for (GpuFacts& gpu : node.gpus) {
            gpu.modes.mig_current = gpu.modes.mig_pending = true;
            for (int i = 0; i < 2; ++i)
                gpu.modes.mig_instances.push_back(instance_of(node.name, gpu.index, i));
        }
    }
    for (RankFacts& rank : facts.ranks) give_instances(rank, rank.local_rank, {0});
}

}  // namespace warpstep::test
