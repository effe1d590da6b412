// SPDX-License-Identifier: Apache-2.0
// Changes to the healthy step: who sees which GPUs.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/facts.hpp"

namespace warpstep::test {

/// CUDA_VISIBLE_DEVICES and what CUDA makes of it, by the node's numbers.
void show_gpus(check::RankFacts& rank, const std::vector<int>& gpus);
/// As Slurm binds a task: SLURM_STEP_GPUS as well.
void give_gpus(check::RankFacts& rank, const std::vector<int>& gpus);
/// Each rank the GPU with the number of its local rank.
void give_each_its_own(check::Facts& facts);

/// One node that is shared: four tasks and GPUs 0-3 of eight, no devices cgroup.
check::Facts half_node();
/// The same with GPUs 4-7 inside a devices cgroup; CUDA_VISIBLE_DEVICES names them by UUID.
check::Facts upper_half_in_cgroup();

/// "MIG-n1-3-0"
std::string instance_of(const std::string& node, int gpu, int instance);
/// Every GPU cut into two instances, each rank given the first one of its GPU.
void cut_gpus(check::Facts& facts);
/// Instances of one GPU to a rank; CUDA shows the first one.
void give_instances(check::RankFacts& rank, int gpu, const std::vector<int>& instances);

}  // namespace warpstep::test
