// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/map_rows.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/placement/explain.hpp"
#include "runtime/process/memory_policy.hpp"

namespace warpstep::cli {
namespace {

using report::MapRow;
using report::Verdict;
using topology::CpuSet;
using topology::Node;

const topology::Gpu& gpu_at(const Node& node, int index) {
    return node.gpus.at(static_cast<std::size_t>(index));
}

/// The NUMA nodes with CPUs that hold any of these.
std::vector<int> numa_of(const Node& node, const CpuSet& cpus) {
    std::vector<int> found;
    for (const topology::NumaNode& numa : node.numa_nodes)
        if (numa.cpus.intersects(cpus)) found.push_back(numa.os_index);
    return found;
}

int cores_in(const Node& node, const CpuSet& cpus) {
    return static_cast<int>(
        std::count_if(node.cores.begin(), node.cores.end(),
                      [&](const topology::Core& core) { return core.cpus.intersects(cpus); }));
}

CpuSet near_cpus(const Node& node, const std::vector<int>& gpus) {
    CpuSet near;
    for (const int gpu : gpus)
        near = near | (gpu_at(node, gpu).located ? gpu_at(node, gpu).near_cpus : node.cpus);
    return near;
}

std::set<int> packages_of(const Node& node, const CpuSet& cpus) {
    std::set<int> packages;
    for (const topology::Core& core : node.cores)
        if (core.cpus.intersects(cpus)) packages.insert(core.package);
    return packages;
}

/// The largest of the least distances from the far cores to the GPUs' memory node, 0 when nothing
/// tells.
int numa_distance(const Node& node, const CpuSet& far, const CpuSet& near) {
    if (node.numa_distances.empty()) return 0;
    int largest = 0;
    for (std::size_t from = 0; from < node.numa_nodes.size(); ++from) {
        if (!node.numa_nodes[from].cpus.intersects(far)) continue;
        int least = 0;
        for (std::size_t to = 0; to < node.numa_nodes.size(); ++to)
            if (node.numa_nodes[to].cpus.intersects(near) &&
                (least == 0 || node.numa_distances[from][to] < least))
                least = node.numa_distances[from][to];
        largest = std::max(largest, least);
    }
    return largest;
}

std::string show_distance(const Node& node, const std::vector<int>& gpus, const CpuSet& cpus) {
    if (gpus.empty()) return "";
    const CpuSet near = near_cpus(node, gpus);
    if (near.contains(cpus)) return "near";
    const CpuSet far = cpus - near;
    const int distance = numa_distance(node, far, near);
    const std::set<int> packages = packages_of(node, near);
    bool same = true;
    for (const int package : packages_of(node, far)) same = same && packages.count(package) > 0;
    return fmt::format("{}{}", same ? "same package" : "other package",
                       distance == 0 ? "" : fmt::format(" ({})", distance));
}

/// One task: the plan, what it told, and the row that comes of both.
class Row {
  public:
    Row(const ReadBack& facts, const placement::Task& plan)
        : facts_(facts),
          plan_(plan),
          told_(facts.tasks.at(static_cast<std::size_t>(plan.local_rank))),
          cpus_(facts.node.simulated ? plan.cpus : told_.cpus) {}

    MapRow make() {
        describe();
        if (!facts_.node.simulated) compare();
        if (facts_.as_is && !facts_.node.simulated) judge_the_launcher();
        for (const std::string& note : plan_.notes)
            if (!facts_.as_is) add(facts_.strict ? Verdict::bad : Verdict::note, note);
        return row_;
    }

  private:
    void add(Verdict verdict, const std::string& note) {
        row_.verdict = std::max(row_.verdict, verdict);
        row_.notes.push_back(note);
    }

    void describe() {
        row_.rank = told_.rank;
        row_.local_rank = plan_.local_rank;
        for (const int index : plan_.gpus) {
            const topology::Gpu& gpu = gpu_at(facts_.node, index);
            row_.gpu_index.push_back(gpu.index);
            row_.gpu_pci.push_back(show(gpu.pci));
            row_.gpu_uuid.push_back(gpu.visible_name());
            row_.gpu_numa.push_back(gpu.numa);
        }
        row_.cpus = show(cpus_);
        row_.planned_cpus = show(plan_.cpus);
        row_.cores = cores_in(facts_.node, cpus_);
        row_.numa = numa_of(facts_.node, cpus_);
        row_.memory = facts_.node.simulated ? process::show_preferred(plan_.numa) : told_.memory;
        for (const placement::TaskNic& nic : plan_.nics) {
            const topology::Nic& one = facts_.node.nics.at(static_cast<std::size_t>(nic.nic));
            row_.nics.push_back(one.name.empty() ? show(one.pci) : one.name);
        }
        row_.distance = show_distance(facts_.node, plan_.gpus, cpus_);
    }

    void compare() {
        if (!facts_.as_is && cpus_ != plan_.cpus)
            add(Verdict::bad, fmt::format("bound to CPUs {} but planned on {} (something else sets "
                                          "affinities)",
                                          show(cpus_), show(plan_.cpus)));
        if (!told_.warning.empty()) add(Verdict::note, told_.warning);
        if (told_.cuda_devices.empty()) return;
        for (const int index : plan_.gpus) {
            const topology::Gpu& gpu = gpu_at(facts_.node, index);
            const auto& shown = told_.cuda_devices;
            const bool found =
                std::any_of(shown.begin(), shown.end(),
                            [&](const ShownDevice& device) { return is_shown(gpu, device); });
            if (found) continue;
            std::vector<std::string> names;
            for (const ShownDevice& device : shown) names.push_back(device.pci);
            add(Verdict::bad, fmt::format("CUDA does not show GPU {} to this task (it shows {}); "
                                          "drop --gpus-per-task or --gpu-bind",
                                          show(gpu.pci), fmt::join(names, ", ")));
        }
    }

    /// What a program would get if it started now.
    void judge_the_launcher() {
        const CpuSet near = near_cpus(facts_.node, plan_.gpus);
        if (!plan_.gpus.empty() && !near.intersects(cpus_) && !plan_.remote)
            add(Verdict::bad,
                fmt::format("far from its GPU (the launcher gave CPUs {}; CPUs {} are near and "
                            "granted); start the program with warpstep exec",
                            show(cpus_), show(plan_.cpus)));
        std::vector<int> sharers;
        for (const TaskFacts& other : facts_.tasks)
            if (other.local_rank != plan_.local_rank && other.cpus.intersects(cpus_))
                sharers.push_back(other.rank);
        const bool enough = static_cast<int>(facts_.tasks.size()) <= facts_.node.allowed.size();
        if (sharers.empty() || !enough) return;
        add(Verdict::note, fmt::format("not bound to CPUs of its own (shares them with {} of the "
                                       "node's {} tasks); start the program with warpstep exec",
                                       sharers.size(), facts_.tasks.size()));
    }

    const ReadBack& facts_;
    const placement::Task& plan_;
    const TaskFacts& told_;
    CpuSet cpus_;
    MapRow row_;
};

}  // namespace

std::string describe_machine(const Node& node) {
    const auto with_cpus = static_cast<std::size_t>(
        std::count_if(node.numa_nodes.begin(), node.numa_nodes.end(),
                      [](const topology::NumaNode& numa) { return !numa.cpus.empty(); }));
    return fmt::format("{}, {}, {}, {} ({})", counted(node.packages, "package"),
                       counted(with_cpus, "NUMA node"), counted(node.cores.size(), "core"),
                       counted(node.step_gpus.size(), "GPU"),
                       node.simulated ? "described" : node.source);
}

report::MapNode map_node(const ReadBack& facts) {
    report::MapNode result;
    result.name = facts.node_name;
    result.machine = describe_machine(facts.node);
    result.simulated = facts.node.simulated;
    result.notes = facts.placement.notes;
    std::vector<std::vector<std::string>> why;
    if (facts.explain) why = explain(facts.node, facts.request, facts.placement);
    for (const placement::Task& task : facts.placement.tasks) {
        result.rows.push_back(Row(facts, task).make());
        if (facts.explain)
            result.rows.back().explanation = why.at(static_cast<std::size_t>(task.local_rank));
    }
    return result;
}

}  // namespace warpstep::cli
