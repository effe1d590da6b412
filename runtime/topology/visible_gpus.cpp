// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/visible_gpus.hpp"

#include <charconv>
#include <numeric>
#include <set>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::topology {

namespace {

std::optional<int> parse_ordinal(std::string_view entry) {
    int value = 0;
    const auto [end, error] = std::from_chars(entry.data(), entry.data() + entry.size(), value);
    if (error != std::errc{} || end != entry.data() + entry.size()) return std::nullopt;
    return value;
}

/// "MIG-GPU-uuid/1/0" names an instance on the GPU with that UUID.
std::string_view uuid_part(std::string_view entry) {
    constexpr std::string_view instance = "MIG-GPU-";
    if (entry.substr(0, instance.size()) != instance) return entry;
    return entry.substr(4, entry.find('/') - 4);
}

std::optional<int> find_gpu(std::string_view entry, const std::vector<Gpu>& gpus) {
    if (const auto ordinal = parse_ordinal(entry)) {
        const bool known = *ordinal >= 0 && *ordinal < static_cast<int>(gpus.size());
        return known ? ordinal : std::nullopt;
    }
    const std::string_view uuid = uuid_part(entry);
    std::optional<int> found;
    if (uuid.substr(0, 4) != "GPU-") return found;
    for (std::size_t i = 0; i < gpus.size(); ++i) {
        if (std::string_view(gpus[i].uuid).substr(0, uuid.size()) != uuid) continue;
        if (found) return std::nullopt;  // not unique
        found = static_cast<int>(i);
    }
    return found;
}

[[noreturn]] void refuse(std::string_view entry, std::string_view list, std::size_t gpus) {
    fail<ConfigError>(
        "'{}' in the GPU list '{}' names no single GPU (the topology has {}); correct "
        "CUDA_VISIBLE_DEVICES or "
        "SLURM_STEP_GPUS, or name another file in WARPSTEP_TOPOLOGY",
        entry, list, gpus);
}

}  // namespace

std::vector<int> visible_gpus(const std::optional<std::string>& list, const std::vector<Gpu>& gpus,
                              UnknownGpu unknown) {
    if (!list) {
        std::vector<int> all(gpus.size());
        std::iota(all.begin(), all.end(), 0);
        return all;
    }
    if (trim(*list).empty() || trim(*list) == "NoDevFiles") return {};

    std::set<int> granted;
    for (const std::string& piece : split(*list, ',')) {
        const std::string_view entry = trim(piece);
        if (entry == "-1") break;
        if (gpus.empty() && parse_ordinal(entry)) continue;
        const auto gpu = find_gpu(entry, gpus);
        if (!gpu && unknown == UnknownGpu::is_error) refuse(entry, *list, gpus.size());
        if (!gpu) break;
        granted.insert(*gpu);
    }
    return {granted.begin(), granted.end()};
}

}  // namespace warpstep::topology
