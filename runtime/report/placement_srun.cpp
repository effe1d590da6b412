// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_srun.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/text.hpp"

namespace warpstep::report {
namespace {

using topology::Node;

// srun's lists repeat by count: "0x3*4".
std::string list_of(const std::vector<std::string>& values) {
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < values.size();) {
        std::size_t end = i;
        while (end < values.size() && values[end] == values[i]) ++end;
        pieces.push_back(end - i == 1 ? values[i] : fmt::format("{}*{}", values[i], end - i));
        i = end;
    }
    return join(pieces, ",");
}

bool has_instances(const Node& node) {
    return std::any_of(node.gpus.begin(), node.gpus.end(),
                       [](const topology::Gpu& gpu) { return !gpu.mig_uuid.empty(); });
}

std::vector<int> ordinals(const Node& node, const std::vector<int>& gpus) {
    std::vector<int> indices;
    for (const int gpu : gpus) indices.push_back(node.gpus[static_cast<std::size_t>(gpu)].index);
    return indices;
}

std::string size_flags(const PlacedNodes& nodes, std::size_t count) {
    std::string flags =
        fmt::format("-N{} --ntasks-per-node={}", count, nodes.placement.tasks.size());
    // Slurm counts an instance as a GPU.
    if (!nodes.node.step_gpus.empty())
        flags += fmt::format(" --gpus-per-node={}", nodes.node.step_gpus.size());
    if (nodes.node.allowed == nodes.node.cpus) flags += " --exclusive";
    return flags;
}

std::string cpu_bind(const PlacedNodes& nodes) {
    std::vector<std::string> masks;
    for (const auto& task : nodes.placement.tasks) masks.push_back(mask_of(task.cpus.cpus()));
    return "--cpu-bind=mask_cpu:" + list_of(masks);
}

std::string mem_bind(const PlacedNodes& nodes) {
    std::vector<std::string> numa;
    for (const auto& task : nodes.placement.tasks) {
        if (task.numa.size() != 1) return "";
        numa.push_back(std::to_string(task.numa.front()));
    }
    return "--mem-bind=prefer,map_mem:" + list_of(numa);
}

// Nothing for one task (Slurm ignores it), without GPUs, and with instances (their numbers in
// Slurm are those of gres.conf).
std::string gpu_bind(const PlacedNodes& nodes) {
    const auto& tasks = nodes.placement.tasks;
    if (tasks.size() < 2 || has_instances(nodes.node)) return "";
    std::vector<std::string> ids, masks;
    for (const auto& task : tasks) {
        if (task.gpus.empty()) return "";
        const auto gpus = ordinals(nodes.node, task.gpus);
        ids.push_back(std::to_string(gpus.front()));
        masks.push_back(mask_of(gpus));
    }
    const bool single = std::all_of(tasks.begin(), tasks.end(),
                                    [](const placement::Task& t) { return t.gpus.size() == 1; });
    return single ? "--gpu-bind=map_gpu:" + list_of(ids) : "--gpu-bind=mask_gpu:" + list_of(masks);
}

std::vector<std::string> bind_flags(const PlacedNodes& nodes) {
    std::vector<std::string> flags{cpu_bind(nodes), mem_bind(nodes), gpu_bind(nodes)};
    flags.erase(std::remove(flags.begin(), flags.end(), ""), flags.end());
    return flags;
}

std::string lines_of(const PlacedNodes& nodes, std::size_t count) {
    std::string text = "  " + size_flags(nodes, count) + "\n";
    for (const auto& flag : bind_flags(nodes)) text += "  " + flag + "\n";
    return text;
}

bool alike(const PlacedNodes& a, const PlacedNodes& b) {
    return size_flags(a, 0) == size_flags(b, 0) && bind_flags(a) == bind_flags(b);
}

std::string costs(const std::vector<PlacedNodes>& groups) {
    const bool binds_gpus = std::any_of(groups.begin(), groups.end(),
                                        [](const auto& g) { return !gpu_bind(g).empty(); });
    const bool part = std::any_of(groups.begin(), groups.end(), [](const auto& g) {
        return !gpu_bind(g).empty() && g.node.step_gpus.size() != g.node.gpus.size();
    });
    std::string text =
        "  warpstep run and warpstep exec need none of them: they place every task like this.\n";
    if (binds_gpus)
        text +=
            "  --gpu-bind hides a task's peers from it: no CUDA IPC between them, except with "
            "--gres-flags=allow-task-sharing\n  (Slurm 23.11.4 or later). For a program that picks "
            "its GPU by local rank leave it out.\n";
    if (part)
        text +=
            "  map_gpu and mask_gpu count the GPUs of the node; where Slurm constrains devices, "
            "those of the job, from 0.\n";
    return text;
}

}  // namespace

std::string mask_of(const std::vector<int>& bits) {
    if (bits.empty()) return "0x0";
    const int highest = *std::max_element(bits.begin(), bits.end());
    std::vector<unsigned> digits(static_cast<std::size_t>(highest / 4) + 1);
    for (const int bit : bits) digits[static_cast<std::size_t>(bit / 4)] |= 1U << (bit % 4);
    std::string text = "0x";
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
        text += fmt::format("{:x}", *digit);
    return text;
}

std::string srun_flags(const std::vector<PlacedNodes>& groups) {
    if (groups.empty()) return "";
    std::size_t count = 0;
    for (const auto& group : groups) count += group.names.size();
    const bool same = std::all_of(groups.begin(), groups.end(), [&](const PlacedNodes& group) {
        return alike(group, groups.front());
    });
    if (same) return "The same with srun:\n" + lines_of(groups.front(), count) + costs(groups);
    std::string text =
        "The same with srun: it takes one list for all nodes, and these differ, so one component "
        "of a\nheterogeneous job for each kind:\n";
    for (const auto& group : groups)
        text +=
            fmt::format(" {}:\n{}", show_names(group.names), lines_of(group, group.names.size()));
    return text + costs(groups);
}

}  // namespace warpstep::report
