// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::report {
namespace {

using topology::CpuSet;
using topology::Gpu;
using topology::Node;
using Align = TextTable::Align;

constexpr std::size_t longest_cpu_cell = 32;

std::string headline(const PlacedNodes& nodes) {
    const Node& node = nodes.node;
    std::vector<std::string> facts{show_names(nodes.names)};
    if (nodes.names.size() > 1) facts.front() += fmt::format(" ({} alike)", nodes.names.size());
    facts.push_back(counted(node.packages, "package"));
    facts.push_back(counted(node.numa_nodes.size(), "NUMA node"));
    facts.push_back(counted(node.cores.size(), "core"));
    facts.push_back(counted(node.cpus.size(), "thread"));
    facts.push_back(count_gpus(node));
    facts.push_back(counted(node.nics.size(), "NIC"));
    facts.push_back(node.source);
    return join(facts, " · ") + "\n";
}

// What the step has of the machine, where that is not all of it.
std::string grant(const Node& node) {
    std::vector<std::string> parts;
    if (!(node.allowed == node.cpus)) parts.push_back("CPUs " + show(node.allowed));
    if (node.step_gpus.size() != node.gpus.size())
        parts.push_back(node.step_gpus.empty() ? "no GPU" : show_gpus(node, node.step_gpus));
    std::string text = parts.empty() ? "" : "allowed: " + join(parts, " · ") + "\n";
    for (const auto& note : node.notes) text += "note: " + note + "\n";
    if (!node.nvml_problem.empty()) text += "note: NVML says nothing: " + node.nvml_problem + "\n";
    return text;
}

std::string show_cpus(const CpuSet& cpus) {
    std::string list = show(cpus);
    if (list.size() <= longest_cpu_cell) return list;
    const std::string tail = fmt::format(",… ({} CPUs)", cpus.size());
    const auto cut = list.rfind(',', longest_cpu_cell - tail.size());
    return (cut == std::string::npos ? "" : list.substr(0, cut)) + tail;
}

std::string numa_of(const Gpu& gpu) {
    if (gpu.numa >= 0) return std::to_string(gpu.numa);
    return gpu.located ? "several" : "?";
}

class PlacementNotes {
  public:
    /// "1,3": the numbers of these notes.
    std::string refer(const std::vector<std::string>& notes) {
        std::vector<int> numbers;
        for (const auto& note : notes) {
            const auto it = std::find(texts_.begin(), texts_.end(), note);
            numbers.push_back(static_cast<int>(it - texts_.begin()) + 1);
            if (it == texts_.end()) texts_.push_back(note);
        }
        return show_list(numbers);
    }
    std::string text() const {
        std::string lines;
        for (std::size_t i = 0; i < texts_.size(); ++i)
            lines += fmt::format("{:>4}  {}\n", i + 1, texts_[i]);
        return lines;
    }

  private:
    std::vector<std::string> texts_;
};

struct TaskRows {
    const Node& node;
    TextTable table{{{"rank", Align::right},
                     {"GPU", Align::right},
                     {"PCI"},
                     {"UUID"},
                     {"NUMA", Align::right},
                     {"cores", Align::right},
                     {"CPUs"},
                     {"memory", Align::right},
                     {"NIC"},
                     {"by"},
                     {"note"}}};

    void add(const placement::Task& task, const std::string& notes) {
        const std::size_t rows = std::max({task.gpus.size(), task.nics.size(), std::size_t{1}});
        for (std::size_t i = 0; i < rows; ++i) {
            std::vector<std::string> cells(11);
            if (i == 0) {
                cells[0] = std::to_string(task.local_rank);
                cells[5] = std::to_string(task.cores);
                cells[6] = show_cpus(task.cpus);
                cells[7] = show_list(task.numa);
                cells[10] = notes;
            }
            if (i < task.gpus.size()) add_gpu(task.gpus[i], cells);
            if (i < task.nics.size()) add_nic(task.nics[i], cells);
            table.add(std::move(cells));
        }
    }

    void add_gpu(int index, std::vector<std::string>& cells) const {
        const Gpu& gpu = node.gpus[static_cast<std::size_t>(index)];
        cells[1] = show_index(gpu);
        cells[2] = show(gpu.pci);
        cells[3] = short_uuid(node, gpu);
        cells[4] = numa_of(gpu);
    }
    void add_nic(const placement::TaskNic& nic, std::vector<std::string>& cells) const {
        cells[8] = show_name(node.nics[static_cast<std::size_t>(nic.nic)]);
        cells[9] = name_of(nic.distance);
    }
};

// The notes of the placement say what is idle and why.
std::string idle(const PlacedNodes& nodes) {
    std::string text;
    for (const auto& note : nodes.placement.notes) text += note + "\n";
    if (!text.empty()) return text;
    if (!nodes.placement.idle_gpus.empty())
        text += "idle: " + show_gpus(nodes.node, nodes.placement.idle_gpus) + "\n";
    if (!nodes.placement.idle_cpus.empty())
        text += "idle: CPUs " + show(nodes.placement.idle_cpus) + "\n";
    return text;
}

}  // namespace

std::string placement_table(const PlacedNodes& nodes, bool colours) {
    PlacementNotes notes;
    TaskRows rows{nodes.node};
    for (const auto& task : nodes.placement.tasks) rows.add(task, notes.refer(task.notes));
    return headline(nodes) + grant(nodes.node) + "\n" + rows.table.text(colours) + notes.text() +
           idle(nodes);
}

}  // namespace warpstep::report
