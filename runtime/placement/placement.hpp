// SPDX-License-Identifier: Apache-2.0
// Who gets what on one node: a pure function from a node and a number of tasks to a placement.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::placement {

struct Request {
    int tasks = 1;
    std::optional<int> gpus_per_task;  ///< nothing: all GPUs, spread evenly
    std::optional<int> cpus_per_task;  ///< cores; nothing: those of the locality, shared fairly
    std::optional<int> pus_per_core;   ///< hardware threads that a core contributes; nothing: all
    int share = 1;                     ///< tasks per GPU that are no exception
    bool near_gpu = true;              ///< false: cores in order, whatever the GPUs are
    bool strict = false;               ///< refuse what would only be noted
    bool wants_gpus = true;            ///< false: host device asked for, GPUs are left alone
    /// GPUs of the step that the launcher shows to each local rank; empty: all to all.
    std::vector<std::vector<int>> visible;
    bool interleave = false;  ///< ranks go round the packages instead of filling each
};

/// What a task's GPU and its network adapter have in common, nearest first.
enum class NicDistance { pci_switch, host_bridge, numa, package, machine };
std::string_view name_of(NicDistance distance);  ///< "switch", "host bridge", "numa", …

struct TaskNic {
    int nic = 0;  ///< index into Node::nics
    NicDistance distance = NicDistance::machine;
    friend bool operator==(const TaskNic&, const TaskNic&) = default;
};

struct Task {
    int local_rank = 0;
    std::vector<int> gpus;  ///< indices into Node::gpus
    topology::CpuSet cpus;
    int cores = 0;
    std::vector<int> numa;      ///< OS indices of the memory nodes: those of its cores, with memory
    std::vector<TaskNic> nics;  ///< a nearest one for each of its GPUs, in their order; without
                                ///< GPUs one for its cores; empty on a node without any
    bool remote = false;        ///< some of its CPUs are near none of its GPUs
    std::vector<std::string> notes;  ///< why: remote, shared GPU, oversubscribed, …
};

struct Placement {
    std::vector<Task> tasks;  ///< by local rank
    std::vector<int> idle_gpus;
    topology::CpuSet idle_cpus;
    std::vector<std::string> notes;  ///< why GPUs or cores are idle
};

/// Pure and deterministic. Guarantees: docs/placement.md, checked by inspect().
/// Errors: ConfigError for 0 tasks, an empty allowed set, more GPUs or cores than there are; with
/// `strict`, for every exception: cores away from the GPU (unless near_gpu is off), more tasks on a
/// GPU than `share`, several tasks on one core. (A note on sharing within `share` is a fact, not an
/// exception.)
Placement plan(const topology::Node& node, const Request& request);

}  // namespace warpstep::placement
