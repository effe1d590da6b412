// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/gpu_names.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace warpstep::topology {

namespace {

bool begins(std::string_view text, std::string_view beginning) {
    return text.substr(0, beginning.size()) == beginning;
}

std::size_t at(int index) {
    return static_cast<std::size_t>(index);
}

}  // namespace

GpuNames::GpuNames(const std::vector<Gpu>& gpus, GpuList::Kind kind)
    : gpus_(gpus), count_instances_(kind == GpuList::Kind::slurm) {
    const auto is_nvidia = [](const Gpu& gpu) { return gpu.vendor == nvidia_vendor; };
    const bool others_too = std::none_of(gpus.begin(), gpus.end(), is_nvidia);
    for (std::size_t i = 0; i < gpus.size(); ++i) {
        // Slurm numbers what the node has, CUDA what the process can open.
        const bool counts = gpus[i].visible || kind == GpuList::Kind::slurm;
        if (counts && (others_too || is_nvidia(gpus[i]))) counted_.push_back(static_cast<int>(i));
    }
    const auto key = [&](int i) { return std::tie(gpus_[at(i)].pci, gpus_[at(i)].mig_index); };
    std::sort(counted_.begin(), counted_.end(), [&](int a, int b) { return key(a) < key(b); });
    for (const int i : counted_)
        if (parents_.empty() || gpus_[at(parents_.back())].pci != gpus_[at(i)].pci)
            parents_.push_back(i);
}

std::optional<int> GpuNames::ordinal(std::string_view entry) {
    int value = 0;
    const auto [end, error] = std::from_chars(entry.data(), entry.data() + entry.size(), value);
    if (error != std::errc{} || end != entry.data() + entry.size()) return std::nullopt;
    return value;
}

std::vector<int> GpuNames::all() const {
    std::vector<int> result;
    for (const int i : counted_)
        if (gpus_[at(i)].visible && gpus_[at(i)].usable) result.push_back(i);
    return result;
}

std::optional<int> GpuNames::by_ordinal(int ordinal) const {
    const std::vector<int>& order = count_instances_ ? counted_ : parents_;
    if (ordinal < 0 || at(ordinal) >= order.size()) return std::nullopt;
    return order[at(ordinal)];
}

std::optional<int> GpuNames::by_uuid(std::string_view uuid) const {
    std::optional<int> found;
    for (const int i : parents_) {
        if (!begins(gpus_[at(i)].uuid, uuid)) continue;
        if (found) return std::nullopt;  // not unique
        found = i;
    }
    return found;
}

std::optional<int> GpuNames::by_mig_uuid(std::string_view uuid) const {
    std::optional<int> found;
    for (const int i : counted_) {
        if (gpus_[at(i)].mig_uuid == uuid) return i;
        if (!begins(gpus_[at(i)].mig_uuid, uuid)) continue;
        if (found) return std::nullopt;
        found = i;
    }
    return found;
}

/// "MIG-GPU-uuid/1/0" names an instance on the GPU with that UUID, or that GPU when nothing tells
/// of its instances.
std::optional<int> GpuNames::by_mig_path(std::string_view entry) const {
    const auto slash = entry.find('/');
    const auto parent = by_uuid(entry.substr(4, slash == entry.npos ? slash : slash - 4));
    if (!parent) return std::nullopt;
    const Gpu& gpu = gpus_[at(*parent)];
    if (gpu.mig_uuid.empty()) return parent;
    for (const int i : counted_)
        if (gpus_[at(i)].pci == gpu.pci && slash != entry.npos &&
            gpus_[at(i)].mig_path == entry.substr(slash + 1))
            return i;
    return std::nullopt;
}

std::optional<int> GpuNames::find(std::string_view entry) const {
    std::optional<int> found;
    if (const auto number = ordinal(entry)) found = by_ordinal(*number);
    if (begins(entry, "GPU-")) found = by_uuid(entry);
    if (begins(entry, "MIG-")) found = by_mig_uuid(entry);
    if (begins(entry, "MIG-GPU-") && !found) found = by_mig_path(entry);
    if (found && !(gpus_[at(*found)].visible && gpus_[at(*found)].usable)) return std::nullopt;
    return found;
}

}  // namespace warpstep::topology
