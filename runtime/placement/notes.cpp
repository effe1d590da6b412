// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/notes.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/error.hpp"
#include "runtime/placement/wishes.hpp"

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

std::string show_ranks(const std::vector<int>& ranks) {
    return fmt::format("local rank{} {}", ranks.size() == 1 ? "" : "s", show(CpuSet(ranks)));
}

/// The local ranks, other than the task's own, that use any of these CPUs.
std::vector<int> others_on(const CpuSet& cpus, const Task& task, const std::vector<Task>& tasks) {
    std::vector<int> others;
    for (const Task& other : tasks)
        if (other.local_rank != task.local_rank && other.cpus.intersects(cpus))
            others.push_back(other.local_rank);
    return others;
}

/// Why a task is away from its GPUs.
std::string reason_for_remote(const Node& node, const std::vector<AllowedCore>& cores,
                              const CpuSet& near, const Task& task, const Request& request,
                              const std::vector<Task>& tasks) {
    if (!request.near_gpu) return "cores are given in order";
    const auto count = std::count_if(cores.begin(), cores.end(), [&](const AllowedCore& core) {
        return near.contains(core.cpus);
    });
    if (!node.allowed.intersects(near)) return "no allowed CPU is near";
    const int wanted = request.cpus_per_task.value_or(1);
    if (count < wanted) return fmt::format("{} of {} cores are allowed near it", count, wanted);
    return fmt::format("the {} near it serve{} {}", counted(count, "core"), count == 1 ? "s" : "",
                       show_ranks(others_on(near, task, tasks)));
}

Note remote_note(const Node& node, const std::vector<AllowedCore>& cores, const Request& request,
                 const Task& task, const std::vector<Task>& tasks) {
    const CpuSet near = near_any(node, task.gpus);
    std::vector<std::string> gpus;
    for (const int gpu : task.gpus) gpus.push_back(name_of_gpu(node, gpu));
    return {fmt::format("remote: {} near {}, cores given on {} ({})", fmt::join(gpus, " and "),
                        show_nodes(node, near), show_nodes(node, task.cpus - near),
                        reason_for_remote(node, cores, near, task, request, tasks)),
            request.near_gpu};
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
        const std::string why =
            count > share ? fmt::format("{} tasks, share is {}", count, share)
                          : fmt::format("{} tasks on {} GPUs", tasks.size(), node.step_gpus.size());
        notes.push_back(
            {fmt::format("shares {} with {} ({})", name_of_gpu(node, gpu), show_ranks(others), why),
             count > share});
    }
    return notes;
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

Note oversubscribed_note(const Task& task, const std::vector<Task>& tasks, int pus) {
    const std::vector<int> others = others_on(task.cpus, task, tasks);
    const std::string with = others.empty() ? "" : ", shares its CPU with " + show_ranks(others);
    return {fmt::format("oversubscribed: {} tasks on {} CPUs{}", tasks.size(), pus, with)};
}

std::vector<Note> notes_of(const Node& node, const std::vector<AllowedCore>& cores,
                           const Request& request, const Task& task,
                           const std::vector<Task>& tasks) {
    std::vector<Note> notes;
    if (task.remote) notes.push_back(remote_note(node, cores, request, task, tasks));
    for (Note& note : sharing_notes(node, task, tasks, request.share))
        notes.push_back(std::move(note));
    const Grain grain = grain_for(request.tasks, cores);
    if (grain == Grain::pus)
        for (Note& note : shared_core_notes(task, tasks, cores)) notes.push_back(std::move(note));
    if (grain == Grain::round_robin)
        notes.push_back(oversubscribed_note(task, tasks, pus_in(cores)));
    return notes;
}

std::string idle_gpus_note(const Node& node, const Request& request, const std::vector<int>& idle) {
    std::vector<std::string> names;
    for (const int gpu : idle) names.push_back(name_of_gpu(node, gpu));
    return fmt::format(
        "idle: {} of {} GPUs ({}): {}", idle.size(), node.step_gpus.size(), fmt::join(names, ", "),
        request.wants_gpus ? fmt::format("gpus_per_task is {}", request.gpus_per_task.value_or(0))
                           : "the host device was asked for");
}

std::vector<std::string> idle_cpu_notes(const std::vector<AllowedCore>& cores,
                                        const Request& request, const CpuSet& idle) {
    CpuSet idle_cores, threads = idle;
    int count = 0;
    for (const AllowedCore& core : cores) {
        if (!idle.contains(core.cpus)) continue;
        idle_cores = idle_cores | core.cpus;
        ++count;
    }
    threads = threads - idle_cores;
    std::vector<std::string> notes;
    if (count > 0)
        notes.push_back(fmt::format(
            "idle: {} of {} cores (CPUs {}): {}", count, cores.size(), show(idle_cores),
            request.cpus_per_task
                ? fmt::format("cpus_per_task is {}", *request.cpus_per_task)
                : "no task can take them without being farther from its GPUs than it is, or ahead "
                  "of a task with the same GPUs near"));
    if (!threads.empty())
        notes.push_back(fmt::format("idle: {} hardware threads (CPUs {}): pus_per_core is {}",
                                    threads.size(), show(threads),
                                    request.pus_per_core.value_or(0)));
    return notes;
}

}  // namespace

void add_notes(const Node& node, const std::vector<AllowedCore>& cores, const Request& request,
               Placement& placement) {
    for (Task& task : placement.tasks)
        task.remote = !task.gpus.empty() && !near_any(node, task.gpus).contains(task.cpus);
    for (Task& task : placement.tasks)
        for (const Note& note : notes_of(node, cores, request, task, placement.tasks)) {
            if (request.strict && note.refused_by_strict)
                fail<ConfigError>(
                    "local rank {} {} (placement is strict); ask for what is missing or drop "
                    "strict",
                    task.local_rank, note.text);
            task.notes.push_back(note.text);
        }
    if (!placement.idle_gpus.empty())
        placement.notes.push_back(idle_gpus_note(node, request, placement.idle_gpus));
    for (std::string& note : idle_cpu_notes(cores, request, placement.idle_cpus))
        placement.notes.push_back(std::move(note));
}

}  // namespace warpstep::placement
