// SPDX-License-Identifier: Apache-2.0
// Readings of a GPU's memory and of its links.
#include <array>

#include "runtime/check/collect/nvml.hpp"
#include "runtime/check/collect/nvml_ask.hpp"

namespace warpstep::check {

namespace {

using namespace topology;
using nvml::Device;
using nvml::Library;

std::optional<std::uint64_t> value_of(const nvml::FieldValue& field) {
    if (field.status != nvml::success) return std::nullopt;
    switch (field.type) {
        case nvml::value_number:
            return field.value.number;
        case nvml::value_word:
            return field.value.word;
        case nvml::value_long_word:
            return field.value.long_word;
        case nvml::value_signed_word:
            return static_cast<std::uint64_t>(field.value.signed_word);
        case nvml::value_signed_number:
            return static_cast<std::uint64_t>(field.value.signed_number);
        case nvml::value_short_number:
            return field.value.short_number;
        default:
            return std::nullopt;
    }
}

std::optional<std::uint64_t> field_of(const Library& nvml, Device device, unsigned number,
                                      unsigned scope = 0) {
    nvml::FieldValue field{};
    field.field = number;
    field.scope = scope;
    if (!nvml.field_values || nvml.field_values(device, 1, &field) != nvml::success)
        return std::nullopt;
    return value_of(field);
}

void add(std::optional<std::uint64_t>& sum, std::optional<std::uint64_t> value) {
    if (value) sum = sum.value_or(0) + *value;
}

void read_sram(const Library& nvml, Device device, GpuHealth& health) {
    nvml::SramStatus status{};
    status.version = nvml::version_of<nvml::SramStatus>(1);
    if (nvml.sram_status && nvml.sram_status(device, &status) == nvml::success) {
        health.ecc_aggregate_sram_uncorrectable =
            status.aggregate_parity + status.aggregate_sec_ded;
        health.sram_threshold_exceeded = status.threshold_exceeded != 0;
        return;
    }
    health.ecc_aggregate_sram_uncorrectable =
        ask<unsigned long long>(nvml.ecc_counter, device, nvml::error_uncorrected,
                                nvml::counter_aggregate, nvml::location_sram);
}

void read_remapping(const Library& nvml, Device device, GpuHealth& health) {
    unsigned correctable = 0, uncorrectable = 0, pending = 0, failed = 0;
    if (nvml.remapped_rows && nvml.remapped_rows(device, &correctable, &uncorrectable, &pending,
                                                 &failed) == nvml::success) {
        health.remapped_correctable = correctable;
        health.remapped_uncorrectable = uncorrectable;
        health.remap_pending = pending != 0;
        health.remap_failed = failed != 0;
    }
    if (const auto banks = ask<nvml::RemapHistogram>(nvml.remap_histogram, device))
        health.remap_histogram =
            RemapHistogram{banks->max, banks->high, banks->partial, banks->low, banks->none};
}

/// Of GPUs before Ampere; newer ones do not support the question.
void read_retirement(const Library& nvml, Device device, GpuHealth& health) {
    for (const int cause : {nvml::retired_single_bit, nvml::retired_double_bit}) {
        std::array<unsigned long long, 256> addresses{};
        unsigned count = static_cast<unsigned>(addresses.size());
        if (!nvml.retired_pages) return;
        const int status = nvml.retired_pages(device, cause, &count, addresses.data());
        if (status != nvml::success && status != nvml::insufficient_size) return;
        health.retired_pages = health.retired_pages.value_or(0) + count;
    }
    if (const auto pending = ask<int>(nvml.retired_pending, device))
        health.retired_pending = *pending != 0;
}

/// The old counters, else the fields that took their place, else those of the fifth generation.
std::optional<std::uint64_t> errors_of_link(const Library& nvml, Device device, unsigned link) {
    std::optional<std::uint64_t> sum;
    for (const unsigned counter :
         {nvml::link_replay, nvml::link_recovery, nvml::link_crc_flit, nvml::link_crc_data})
        add(sum, ask<unsigned long long>(nvml.link_errors, device, link, counter));
    if (sum) return sum;
    for (const unsigned field :
         {nvml::field_link_replay, nvml::field_link_recovery, nvml::field_link_crc,
          nvml::field_link_malformed, nvml::field_link_overrun, nvml::field_link_receive,
          nvml::field_link_recoveries})
        add(sum, field_of(nvml, device, field, link));
    return sum;
}

void read_nvlinks(const Library& nvml, Device device, GpuLinks& links) {
    for (unsigned link = 0; link < nvml::most_links; ++link) {
        const auto active = ask<int>(nvml.link_state, device, link);
        if (!active) continue;
        links.nvlinks_supported = links.nvlinks_supported.value_or(0) + 1;
        links.nvlinks_active = links.nvlinks_active.value_or(0) + (*active == 1 ? 1 : 0);
        if (*active == 1) add(links.nvlink_errors, errors_of_link(nvml, device, link));
    }
}

void read_fabric(const Library& nvml, Device device, GpuLinks& links) {
    nvml::FabricInfo2 info{};
    info.version = nvml::version_of<nvml::FabricInfo2>(2);
    if (nvml.fabric2 && nvml.fabric2(device, &info) == nvml::success) {
        links.fabric_state = info.state;
        links.fabric_status = info.status;
    } else if (const auto old = ask<nvml::FabricInfo>(nvml.fabric, device)) {
        links.fabric_state = old->state;
        links.fabric_status = old->status;
    }
}

}  // namespace

GpuHealth read_health(const Library& nvml, Device device) {
    GpuHealth health;
    const auto errors = [&](int type, int counter) -> std::optional<std::uint64_t> {
        return ask<unsigned long long>(nvml.ecc_total, device, type, counter);
    };
    int current = 0, pending = 0;
    if (nvml.ecc_mode && nvml.ecc_mode(device, &current, &pending) == nvml::success) {
        health.ecc_current = current != 0;
        health.ecc_pending = pending != 0;
    }
    health.ecc_volatile_correctable = errors(nvml::error_corrected, nvml::counter_volatile);
    health.ecc_volatile_uncorrectable = errors(nvml::error_uncorrected, nvml::counter_volatile);
    health.ecc_aggregate_uncorrectable = errors(nvml::error_uncorrected, nvml::counter_aggregate);
    read_sram(nvml, device, health);
    read_remapping(nvml, device, health);
    read_retirement(nvml, device, health);
    if (const auto action = field_of(nvml, device, nvml::field_recovery_action))
        health.recovery_action = static_cast<unsigned>(*action);
    return health;
}

GpuLinks read_links(const Library& nvml, Device device) {
    GpuLinks links;
    read_nvlinks(nvml, device, links);
    read_fabric(nvml, device, links);
    links.pcie_gen = ask<unsigned>(nvml.pcie_generation, device);
    links.pcie_width = ask<unsigned>(nvml.pcie_width, device);
    links.pcie_max_gen = ask<unsigned>(nvml.pcie_max_generation, device);
    links.pcie_max_width = ask<unsigned>(nvml.pcie_max_width, device);
    links.pcie_replays = ask<unsigned>(nvml.pcie_replays, device);
    return links;
}

}  // namespace warpstep::check
