// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/report/short_uuid.hpp"

namespace warpstep::report {
namespace {

struct NumberedName {
    std::string prefix;
    std::string digits;
};

// The digits at the end of a name, as many as a number can hold.
NumberedName parts_of(const std::string& name) {
    std::size_t start = name.size();
    while (start > 0 && name.size() - start < 9 && name[start - 1] >= '0' && name[start - 1] <= '9')
        --start;
    return {name.substr(0, start), name.substr(start)};
}

bool follows(const std::string& before, const std::string& after) {
    return before.size() <= after.size() && !before.empty() && !after.empty() &&
           std::stol(before) + 1 == std::stol(after) &&
           (before.size() == after.size() || after.front() != '0') &&
           (before.size() == after.size() || before.front() != '0');
}

std::string bracketed(const std::string& prefix, const std::vector<std::string>& digits) {
    std::vector<std::string> ranges;
    for (std::size_t i = 0; i < digits.size();) {
        std::size_t end = i;
        while (end + 1 < digits.size() && follows(digits[end], digits[end + 1])) ++end;
        ranges.push_back(end == i ? digits[i] : digits[i] + "-" + digits[end]);
        i = end + 1;
    }
    const bool single = digits.size() == 1;
    return single ? prefix + ranges.front() : fmt::format("{}[{}]", prefix, join(ranges, ","));
}

// The last characters, behind whatever is the same for most GPUs of a vendor's series.
void add_pairs(const placement::Task& task, Owners& owners) {
    for (std::size_t i = 0; i < task.nics.size() && !task.gpus.empty(); ++i)
        owners.gpu_nic_pairs.emplace_back(task.gpus[std::min(i, task.gpus.size() - 1)],
                                          task.nics[i].nic);
}

}  // namespace

std::string show_names(const std::vector<std::string>& names) {
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < names.size();) {
        const NumberedName first = parts_of(names[i]);
        std::vector<std::string> digits;
        do {
            digits.push_back(parts_of(names[i]).digits);
            ++i;
        } while (i < names.size() && !first.digits.empty() &&
                 parts_of(names[i]).prefix == first.prefix && !parts_of(names[i]).digits.empty());
        pieces.push_back(bracketed(first.prefix, digits));
    }
    return join(pieces, ",");
}

Owners owners_of(const PlacedNodes& nodes) {
    Owners owners;
    owners.of_gpu.resize(nodes.node.gpus.size());
    owners.of_nic.resize(nodes.node.nics.size());
    const auto cpus = nodes.node.cpus.cpus();
    owners.of_cpu.resize(cpus.empty() ? 0 : at(cpus.back()) + 1);
    for (const auto& task : nodes.placement.tasks) {
        for (const int gpu : task.gpus) owners.of_gpu[at(gpu)].push_back(task.local_rank);
        for (const int cpu : task.cpus.cpus()) owners.of_cpu[at(cpu)].push_back(task.local_rank);
        for (const auto& nic : task.nics) {
            auto& ranks = owners.of_nic[at(nic.nic)];
            if (ranks.empty() || ranks.back() != task.local_rank) ranks.push_back(task.local_rank);
        }
        add_pairs(task, owners);
    }
    return owners;
}

std::string short_uuid(const topology::Node& node, const topology::Gpu& gpu) {
    std::vector<std::string> names;
    for (const topology::Gpu& other : node.gpus) names.push_back(other.visible_name());
    return short_uuid(gpu.visible_name(), names);
}

std::string show_index(const topology::Gpu& gpu) {
    return gpu.mig_index < 0 ? std::to_string(gpu.index)
                             : fmt::format("{}:{}", gpu.index, gpu.mig_index);
}

std::string count_gpus(const topology::Node& node) {
    std::set<int> whole;
    std::size_t instances = 0;
    for (const auto& gpu : node.gpus) {
        whole.insert(gpu.index);
        if (!gpu.mig_uuid.empty()) ++instances;
    }
    const std::string text = counted(whole.size(), "GPU");
    return instances == 0 ? text
                          : fmt::format("{} with {}", text, counted(instances, "MIG instance"));
}

std::string show_name(const topology::Nic& nic) {
    return nic.name.empty() ? show(nic.pci) : nic.name;
}

std::string show_gpus(const topology::Node& node, const std::vector<int>& gpus) {
    std::vector<int> whole;
    std::vector<std::string> instances;
    for (const int i : gpus) {
        const topology::Gpu& gpu = node.gpus[at(i)];
        if (gpu.mig_uuid.empty())
            whole.push_back(gpu.index);
        else
            instances.push_back(fmt::format("GPU {} ({})", show_index(gpu), short_uuid(node, gpu)));
    }
    if (!whole.empty())
        instances.insert(instances.begin(), fmt::format("GPU{} {}", whole.size() == 1 ? "" : "s",
                                                        show(topology::CpuSet(whole))));
    return join(instances, ", ");
}

std::string show_list(const std::vector<int>& numbers) {
    return fmt::format("{}", fmt::join(numbers, ","));
}

}  // namespace warpstep::report
