// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_gres.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "runtime/base/text.hpp"

namespace warpstep::report {
namespace {

using topology::CpuSet;
using topology::Gpu;
using topology::Node;

// GPUs that follow each other and have the same line.
struct Line {
    std::string type, cores;
    std::vector<int> devices;
};

// "NVIDIA H100 80GB HBM3" -> "nvidia_h100_80gb_hbm3"
std::string type_of(const std::string& model) {
    std::string type;
    for (const char c : model) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '.')
            type += static_cast<char>(std::tolower(byte));
        else if (!type.empty() && type.back() != '_')
            type += '_';
    }
    while (!type.empty() && type.back() == '_') type.pop_back();
    return type;
}

std::string cores_near(const Node& node, const Gpu& gpu) {
    if (!gpu.located || gpu.near_cpus.contains(node.cpus)) return "";
    std::vector<int> cores;
    for (const auto& core : node.cores)
        if (core.cpus.intersects(gpu.near_cpus)) cores.push_back(core.logical);
    return cores.size() == node.cores.size() ? "" : show(CpuSet(cores));
}

std::vector<Line> lines_of(const Node& node) {
    std::vector<Line> lines;
    for (const Gpu& gpu : node.gpus) {
        Line line{type_of(gpu.name), cores_near(node, gpu), {gpu.index}};
        if (lines.empty() || lines.back().type != line.type || lines.back().cores != line.cores)
            lines.push_back(line);
        else if (lines.back().devices.back() != gpu.index)
            lines.back().devices.push_back(gpu.index);
    }
    return lines;
}

std::string show(const Line& line) {
    std::string text = "Name=gpu";
    if (!line.type.empty()) text += " Type=" + line.type;
    text += line.devices.size() == 1
                ? fmt::format(" File=/dev/nvidia{}", line.devices.front())
                : fmt::format(" File=/dev/nvidia[{}]", topology::show(CpuSet(line.devices)));
    if (!line.cores.empty()) text += " Cores=" + line.cores;
    return text;
}

struct Machines {
    std::vector<std::string> names, lines;
};

// Nodes may differ in their tasks and still be the same machine.
std::vector<Machines> by_machine(const std::vector<PlacedNodes>& groups) {
    std::vector<Machines> machines;
    for (const auto& group : groups) {
        std::vector<std::string> lines;
        for (const Line& line : lines_of(group.node)) lines.push_back(show(line));
        auto it = std::find_if(machines.begin(), machines.end(),
                               [&](const Machines& m) { return m.lines == lines; });
        if (it == machines.end()) it = machines.insert(it, Machines{{}, lines});
        it->names.insert(it->names.end(), group.names.begin(), group.names.end());
    }
    return machines;
}

bool any_gpu(const std::vector<PlacedNodes>& groups, bool (*is)(const Gpu&)) {
    return std::any_of(groups.begin(), groups.end(), [&](const PlacedNodes& group) {
        return std::any_of(group.node.gpus.begin(), group.node.gpus.end(), is);
    });
}

bool is_instance(const Gpu& gpu) {
    return !gpu.mig_uuid.empty();
}
bool is_amd(const Gpu& gpu) {
    return gpu.vendor == topology::amd_vendor;
}

}  // namespace

std::string gres_lines(const std::vector<PlacedNodes>& groups) {
    if (!any_gpu(groups, [](const Gpu&) { return true; })) return "";
    if (any_gpu(groups, is_instance)) return "gres.conf: AutoDetect=nvml finds MIG instances\n";
    if (any_gpu(groups, is_amd)) return "gres.conf: AutoDetect=rsmi finds AMD GPUs\n";
    std::string text =
        "gres.conf (Cores counts Slurm's cores, Core L# in lstopo; nvidiaN in PCI order; or only "
        "AutoDetect=nvml):\n";
    for (const auto& [names, lines] : by_machine(groups))
        for (const auto& line : lines)
            text += fmt::format("  NodeName={} {}\n", show_names(names), line);
    return text;
}

}  // namespace warpstep::report
