// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/notes.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/base/error.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;
using topology::Node;

/// An exception that strict refuses, or a plain fact.
struct Note {
    std::string text;
    bool refused_by_strict = true;
};

bool has(const std::vector<int>& gpus, int gpu) {
    return std::find(gpus.begin(), gpus.end(), gpu) != gpus.end();
}

std::string name_of(const Node& node, int gpu) {
    return fmt::format("GPU {}", show(node.gpus.at(static_cast<std::size_t>(gpu)).pci));
}

/// "NUMA node 0", "NUMA nodes 0,1", or the CPUs themselves where no node has them.
std::string show_nodes(const Node& node, const CpuSet& cpus) {
    CpuSet numa;
    for (const topology::NumaNode& candidate : node.numa_nodes)
        if (candidate.cpus.intersects(cpus)) numa.add(candidate.os_index);
    if (numa.empty()) return fmt::format("CPUs {}", show(cpus));
    return fmt::format("NUMA node{} {}", numa.size() == 1 ? "" : "s", show(numa));
}

std::string show_ranks(const std::vector<int>& ranks) {
    return fmt::format("local rank{} {}", ranks.size() == 1 ? "" : "s", fmt::join(ranks, ", "));
}

Note remote_note(const Node& node, const CpuSet& near, const Task& task) {
    std::vector<std::string> gpus;
    for (const int gpu : task.gpus) gpus.push_back(name_of(node, gpu));
    return {fmt::format("remote: {} near {}, cores given on {}{}", fmt::join(gpus, " and "),
                        show_nodes(node, near), show_nodes(node, task.cpus - near),
                        node.allowed.intersects(near) ? "" : " (no allowed CPU is near)")};
}

std::vector<Note> sharing_notes(const Node& node, const Task& task, const std::vector<Task>& tasks,
                                int share) {
    std::vector<Note> notes;
    for (const int gpu : task.gpus) {
        std::vector<int> others;
        for (const Task& other : tasks)
            if (other.local_rank != task.local_rank && has(other.gpus, gpu))
                others.push_back(other.local_rank);
        if (others.empty()) continue;
        const int count = static_cast<int>(others.size()) + 1;
        const std::string limit =
            count > share ? fmt::format(" ({} tasks, share is {})", count, share) : "";
        notes.push_back(
            {fmt::format("shares {} with {}{}", name_of(node, gpu), show_ranks(others), limit),
             count > share});
    }
    return notes;
}

/// The local ranks, other than the task's own, that use any of these CPUs.
std::vector<int> others_on(const CpuSet& cpus, const Task& task, const std::vector<Task>& tasks) {
    std::vector<int> others;
    for (const Task& other : tasks)
        if (other.local_rank != task.local_rank && other.cpus.intersects(cpus))
            others.push_back(other.local_rank);
    return others;
}

std::vector<Note> shared_core_notes(const Task& task, const std::vector<Task>& tasks,
                                    const std::vector<AllowedCore>& cores) {
    CpuSet whole;
    for (const AllowedCore& core : cores)
        if (core.cpus.intersects(task.cpus)) whole = whole | core.cpus;
    const std::vector<int> others = others_on(whole, task, tasks);
    if (others.empty()) return {};
    return {{fmt::format("shares its core with {} ({} tasks on {} cores)", show_ranks(others),
                         tasks.size(), cores.size())}};
}

Note oversubscribed_note(const Node& node, const Task& task, const std::vector<Task>& tasks) {
    const std::vector<int> others = others_on(task.cpus, task, tasks);
    const std::string with = others.empty() ? "" : ", shares its CPU with " + show_ranks(others);
    return {fmt::format("oversubscribed: {} tasks on {} CPUs{}", tasks.size(), node.allowed.size(),
                        with)};
}

}  // namespace

void add_notes(const Node& node, const std::vector<AllowedCore>& cores, const Request& request,
               Grain grain, std::vector<Task>& tasks) {
    for (Task& task : tasks) {
        std::vector<Note> notes;
        const CpuSet near = near_any(node, task.gpus);
        task.remote = !task.gpus.empty() && !near.contains(task.cpus);
        if (task.remote) notes.push_back(remote_note(node, near, task));
        for (Note& note : sharing_notes(node, task, tasks, request.share))
            notes.push_back(std::move(note));
        if (grain == Grain::pus)
            for (Note& note : shared_core_notes(task, tasks, cores))
                notes.push_back(std::move(note));
        if (grain == Grain::round_robin) notes.push_back(oversubscribed_note(node, task, tasks));
        for (const Note& note : notes) {
            if (request.strict && note.refused_by_strict)
                fail<ConfigError>(
                    "local rank {} {} (placement is strict); ask for what is missing or drop "
                    "strict",
                    task.local_rank, note.text);
            task.notes.push_back(note.text);
        }
    }
}

}  // namespace warpstep::placement
