// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/own_gpu.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "runtime/base/text.hpp"

namespace warpstep::check {
namespace {

/// Of the GPU, or of one of its MIG instances; the beginning of one suffices.
bool is_named(const GpuFacts& gpu, std::string_view uuid) {
    if (uuid.empty()) return false;
    const auto begins = [&](const std::string& whole) { return whole.starts_with(uuid); };
    return begins(gpu.uuid) ||
           std::any_of(gpu.modes.mig_instances.begin(), gpu.modes.mig_instances.end(), begins);
}

std::optional<std::size_t> find(const NodeFacts& node, std::string_view uuid,
                                std::string_view pci = "") {
    const auto found = std::find_if(node.gpus.begin(), node.gpus.end(), [&](const GpuFacts& gpu) {
        return is_named(gpu, uuid) || (uuid.empty() && !pci.empty() && gpu.pci == pci);
    });
    if (found == node.gpus.end()) return std::nullopt;
    return static_cast<std::size_t>(found - node.gpus.begin());
}

std::optional<std::size_t> ordinal(std::string_view text) {
    std::size_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

void add(std::vector<std::size_t>& gpus, std::size_t gpu) {
    if (std::find(gpus.begin(), gpus.end(), gpu) == gpus.end()) gpus.push_back(gpu);
}

std::vector<std::size_t> chosen(const NodeFacts& node, const std::vector<SeenGpu>& seen,
                                const std::string& list) {
    std::vector<std::size_t> gpus;
    for (const std::string& piece : split(list, ',')) {
        const std::string_view entry = trim(piece);
        const auto number = ordinal(entry);
        if (number && *number >= seen.size()) break;
        const auto gpu =
            number ? find(node, seen[*number].uuid, seen[*number].pci) : find(node, entry);
        if (!gpu) break;
        add(gpus, *gpu);
    }
    return gpus;
}

}  // namespace

std::optional<std::vector<std::size_t>> visible_gpus(const NodeFacts& node, const RankFacts& rank) {
    std::vector<std::size_t> gpus;
    // A described machine may have GPUs without UUIDs; these go by their PCI addresses.
    const bool named = rank.cuda_gpus && std::find(rank.cuda_gpus->begin(), rank.cuda_gpus->end(),
                                                   "") == rank.cuda_gpus->end();
    if (named) {
        for (const std::string& uuid : *rank.cuda_gpus) {
            if (const auto gpu = find(node, uuid)) add(gpus, *gpu);
        }
        return gpus;
    }
    if (!rank.nvml_gpus) return std::nullopt;
    const auto list = rank.env.find("CUDA_VISIBLE_DEVICES");
    if (list != rank.env.end()) return chosen(node, *rank.nvml_gpus, list->second);
    for (const SeenGpu& seen : *rank.nvml_gpus) {
        if (const auto gpu = find(node, seen.uuid, seen.pci)) add(gpus, *gpu);
    }
    return gpus;
}

std::optional<std::size_t> own_gpu(const NodeFacts& node, const RankFacts& rank) {
    const auto visible = visible_gpus(node, rank);
    if (!visible || visible->empty()) return std::nullopt;
    const auto granted = static_cast<std::size_t>(std::count_if(
        node.gpus.begin(), node.gpus.end(), [](const GpuFacts& gpu) { return gpu.granted; }));
    const bool dealt = visible->size() < granted;
    if (visible->size() == 1 || dealt) return visible->front();
    const auto local = static_cast<std::size_t>(std::max(rank.local_rank, 0));
    if (local >= visible->size()) return std::nullopt;
    return (*visible)[local];
}

topology::CpuSet near_cpus_of(const NodeFacts& node, const GpuFacts& gpu) {
    if (!gpu.near_cpus.empty()) return topology::CpuSet::parse(gpu.near_cpus);
    for (const NumaFacts& numa : node.numa) {
        if (gpu.numa >= 0 && numa.os_index == gpu.numa) return topology::CpuSet::parse(numa.cpus);
    }
    return {};
}

}  // namespace warpstep::check
