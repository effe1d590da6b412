// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/step/step.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::cli {

/// What the launcher gave to the tasks of this node. With masks and GPU lists of their own, no task
/// sees enough to place all of them.
struct NodeGrant {
    topology::CpuSet cpus;                       ///< of all tasks together
    std::vector<std::vector<std::string>> gpus;  ///< by local rank, by topology::shared_name()
};

/// Collective over the tasks of the node, blocking: everybody's grant, of which `mine` is this
/// task's view. A task that has refused its input says so with nothing; its place stays empty.
/// Nothing where there is nobody to ask: one task, or ranks that were forked from one.
/// Errors: CommError naming who did not come.
std::optional<NodeGrant> exchange_grants(const step::Step& step, const topology::Node* mine,
                                         Deadline deadline);

/// The step's GPUs are those that any of its tasks on the node may use: `of_task` by local rank,
/// sorted. Returns what the planner must respect: `of_task`, or nothing when all may use all.
std::vector<std::vector<int>> unite_gpus(std::vector<std::vector<int>> of_task,
                                         topology::Node& node);

/// Widens the node to what all tasks were given, and says which GPUs each of them may use; empty
/// when all may use all. On a described node the CPUs stay as they are described.
std::vector<std::vector<int>> apply(const NodeGrant& grant, topology::Node& node);

}  // namespace warpstep::cli
