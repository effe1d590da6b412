// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/visible_gpus.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/topology/gpu_names.hpp"

namespace warpstep::topology {

namespace {

// Far above any node; it keeps a typing slip from becoming a long list.
constexpr int largest_ordinal = 4095;

/// Slurm shortens "0,1,2,3" to "0-3".
std::vector<std::string> entries_of(const GpuList& list) {
    std::vector<std::string> entries;
    for (const std::string& piece : split(list.text, ',')) {
        const std::string_view entry = trim(piece);
        const auto dash = entry.find('-');
        const auto first = GpuNames::ordinal(entry.substr(0, dash));
        const auto last = dash == entry.npos ? first : GpuNames::ordinal(entry.substr(dash + 1));
        const bool range = list.kind == GpuList::Kind::slurm && first && last && *first <= *last &&
                           *first >= 0 && *last <= largest_ordinal;
        if (!range) entries.emplace_back(entry);
        for (int i = range ? *first : 1; i <= (range ? *last : 0); ++i)
            entries.push_back(std::to_string(i));
    }
    return entries;
}

[[noreturn]] void refuse(std::string_view entry, const GpuList& list, std::size_t gpus) {
    fail<ConfigError>(
        "'{}' in the GPU list '{}' names no single GPU (the topology has {}); correct "
        "CUDA_VISIBLE_DEVICES or SLURM_STEP_GPUS, or name another file in WARPSTEP_TOPOLOGY",
        entry, list.text, gpus);
}

/// CUDA's own order is fastest first: ordinals mean PCI order only where all GPUs are alike.
bool order_is_a_guess(const GpuList& list, const std::vector<std::string>& entries,
                      const std::vector<Gpu>& gpus, const GpuNames& names) {
    std::set<std::string> models;
    for (const int i : names.all()) models.insert(gpus[static_cast<std::size_t>(i)].name);
    return list.kind == GpuList::Kind::cuda && !list.by_pci && models.size() > 1 &&
           std::any_of(entries.begin(), entries.end(),
                       [](const std::string& entry) { return GpuNames::ordinal(entry) >= 0; });
}

/// Reads one list and remembers what is odd about it.
class Reading {
  public:
    Reading(const GpuList& list, const std::vector<Gpu>& gpus, UnknownGpu unknown)
        : list_(list), gpus_(gpus), unknown_(unknown), names_(gpus, list.kind) {}

    GrantedGpus read() {
        const std::vector<std::string> entries = entries_of(list_);
        for (const std::string& entry : entries)
            if (!take(entry)) break;
        if (order_is_a_guess(list_, entries, gpus_, names_))
            note(
                "counts GPUs of different models, which CUDA orders by speed; set "
                "CUDA_DEVICE_ORDER=PCI_BUS_ID");
        return std::move(granted_);
    }

  private:
    /// False: the list ends here.
    bool take(const std::string& entry) {
        if (entry == "-1") return false;
        if (names_.empty() && GpuNames::ordinal(entry)) return true;
        const auto found = names_.find(entry);
        if (!found && unknown_ == UnknownGpu::is_error) refuse(entry, list_, gpus_.size());
        if (!found) {
            note(fmt::format("names no GPU with '{}'; it and what follows are ignored", entry));
            return false;
        }
        const Gpu& gpu = gpus_[static_cast<std::size_t>(*found)];
        if (std::count(granted_.order.begin(), granted_.order.end(), *found))
            note(fmt::format("names GPU {} twice, of which CUDA makes an empty list",
                             show(gpu.pci)));
        else
            granted_.order.push_back(*found);
        if (!gpu.mig_uuid.empty() && entry.rfind("MIG-", 0) != 0 &&
            list_.kind == GpuList::Kind::cuda)
            note(
                fmt::format("names GPU {}, which is in MIG mode, with '{}': CUDA uses its first "
                            "instance; name instances by their UUIDs",
                            show(gpu.pci), entry));
        return true;
    }

    void note(const std::string& text) {
        granted_.notes.push_back(fmt::format("{}={} {}", list_.variable(), list_.text, text));
    }

    const GpuList& list_;
    const std::vector<Gpu>& gpus_;
    UnknownGpu unknown_;
    GpuNames names_;
    GrantedGpus granted_;
};

}  // namespace

GrantedGpus visible_gpus(const std::optional<GpuList>& list, const std::vector<Gpu>& gpus,
                         UnknownGpu unknown) {
    if (!list) return {GpuNames(gpus, GpuList::Kind::cuda).all(), {}};
    const std::string_view text = trim(list->text);
    if (text.empty() || text == "NoDevFiles") return {};
    return Reading(*list, gpus, unknown).read();
}

}  // namespace warpstep::topology
