// SPDX-License-Identifier: Apache-2.0
// Private to the room: what all rules look at, worked out from the node and the request alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/placement/inspect.hpp"

namespace warpstep::placement::inspection {

using Cost = std::int64_t;
/// Of a core that is near none of a task's GPUs, before its distance.
constexpr Cost not_near = Cost{1} << 32;

struct Facts {
    Facts(const topology::Node& node, const Request& request);

    const topology::Node& node;
    const Request& request;
    std::vector<topology::CpuSet> cores;         ///< the CPUs of each core that tasks may use
    std::vector<const topology::Core*> core_at;  ///< the same cores
    topology::CpuSet usable;
    int pus = 0;
    std::vector<int> gpus;  ///< of the step, when GPUs are wanted

    int tasks() const { return request.tasks; }
    int core_count() const { return static_cast<int>(cores.size()); }
    int gpu_count() const { return static_cast<int>(gpus.size()); }
    bool whole_cores() const { return tasks() <= core_count(); }
    bool oversubscribed() const { return tasks() > pus; }
    int cores_each() const { return request.cpus_per_task.value_or(1); }
    /// The GPUs that a task may have.
    const std::vector<int>& seen_by(std::size_t rank) const {
        return request.wants_gpus && rank < request.visible.size() ? request.visible[rank] : gpus;
    }
    /// Every task has one GPU, maybe shared.
    bool one_gpu_each() const;

    const topology::Gpu& gpu(int index) const {
        return node.gpus.at(static_cast<std::size_t>(index));
    }
    topology::CpuSet near_gpu(int index) const;
    topology::CpuSet near(const std::vector<int>& gpus) const;
    /// Of each core, for a task that is near these CPUs: 0 when near, else by NUMA distance.
    std::vector<Cost> costs(const topology::CpuSet& near) const;
    std::string name(int gpu) const;
};

/// Collects what is wrong.
class Findings {
  public:
    void expect(bool condition, const char* rule, const std::string& text) {
        if (!condition) found_.push_back({rule, text});
    }
    bool empty() const { return found_.empty(); }
    std::vector<Violation> take() { return std::move(found_); }

  private:
    std::vector<Violation> found_;
};

using Tasks = std::vector<Task>;

void check_shape(const Facts& facts, const Placement& placement, Findings& findings);  // I1-I3
void check_gpus(const Facts& facts, const Placement& placement, Findings& findings);   // I4-I6
void check_order(const Facts& facts, const Tasks& tasks, Findings& findings);          // I21, I22
void check_cores(const Facts& facts, const Placement& placement, Findings& findings);  // I7-I12
void check_locality(const Facts& facts, const Tasks& tasks, Findings& findings);       // I8, I9
void check_memory(const Facts& facts, const Tasks& tasks, Findings& findings);         // I13
void check_nics(const Facts& facts, const Tasks& tasks, Findings& findings);           // I15
void check_notes(const Facts& facts, const Placement& placement, Findings& findings);

/// The most tasks that can have all their cores near, over all right ways of dealing GPUs and
/// cores; more than that is never returned, and exactly that except for several GPUs and several
/// cores per task with more than 8 GPUs, where it is an upper bound.
int most_local(const Facts& facts);
/// The same for GPUs that are dealt already, given as near sets of the tasks.
int most_served(const Facts& facts, const std::vector<topology::CpuSet>& near);

/// The least total of giving every row a column of its own; columns at least as many as rows.
/// Source: Kuhn, The Hungarian method for the assignment problem, 1955, in the form with
/// potentials of Jonker and Volgenant, 1987.
Cost least_assignment(const std::vector<std::vector<Cost>>& cost);

/// Source: Ford and Fulkerson, Maximal flow through a network, 1956.
class Flow {
  public:
    explicit Flow(int nodes)
        : room_(static_cast<std::size_t>(nodes),
                std::vector<int>(static_cast<std::size_t>(nodes))) {}
    void connect(int from, int to, int room) {
        room_[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)] += room;
    }
    int run(int source, int sink);

  private:
    int push(std::size_t node, std::size_t sink, int most, std::vector<bool>& seen);
    std::vector<std::vector<int>> room_;
};

}  // namespace warpstep::placement::inspection
