// SPDX-License-Identifier: Apache-2.0
// The part of the stand-in for NVIDIA's management library that tells of a GPU's health, use, modes
// and links. Old drivers have none of it.
#include <cstring>

#include "runtime/topology/nvml_library.hpp"
#include "tests/support/fake_nvml_state.hpp"

#if !defined(FAKE_NVML_OLD) && !defined(FAKE_NVML_BROKEN)

using namespace warpstep::test::fake_nvml;
namespace nvml = warpstep::topology::nvml;

namespace {

constexpr int version_mismatch = 25;

/// Two numbers of one line, which come together or not at all.
template <typename Number>
int tell_two(const Device* device, const char* key, Number* first, Number* second) {
    const int status = tell(device, key, 0, first);
    return status == success ? tell(device, key, 1, second) : status;
}

int list(const Device* device, unsigned* room, nvml::Process2* list) {
    const auto all = device->processes();
    const unsigned given = *room;
    *room = static_cast<unsigned>(all.size());
    if (given < all.size()) return too_small;
    for (std::size_t i = 0; i < all.size(); ++i)
        list[i] = {all[i].first, all[i].second << 20, ~0U, ~0U};
    return success;
}

}  // namespace

extern "C" {

int nvmlSystemGetCudaDriverVersion_v2(int* version) {
    if (state.cuda == 0) return not_supported;
    *version = state.cuda;
    return success;
}

int nvmlDeviceGetVbiosVersion(Device* device, char* text, unsigned length) {
    if (device->vbios.empty()) return not_supported;
    if (device->vbios.size() >= length) return too_small;
    std::memcpy(text, device->vbios.c_str(), device->vbios.size() + 1);
    return success;
}

int nvmlDeviceGetMinorNumber(Device* device, unsigned* number) {
    return tell(device, "minor", 0, number);
}

int nvmlDeviceGetMemoryInfo_v2(Device* device, nvml::Memory2* memory) {
    if (memory->version != nvml::version_of<nvml::Memory2>(2)) return version_mismatch;
    const unsigned long long used = device->reading("used", 0).value_or(0);
    memory->total = device->memory_mib << 20;
    memory->used = used << 20;
    memory->free = memory->total - memory->used;
    memory->reserved = 0;
    return success;
}

int nvmlDeviceGetUtilizationRates(Device* device, nvml::Utilization* percent) {
    percent->memory = 0;
    return tell(device, "utilization", 0, &percent->gpu);
}

int nvmlDeviceGetComputeRunningProcesses_v3(Device* device, unsigned* room, nvml::Process2* all) {
    return list(device, room, all);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(Device*, unsigned* room, nvml::Process2*) {
    *room = 0;
    return success;
}

int nvmlDeviceGetEccMode(Device* device, int* current, int* pending) {
    return tell_two(device, "ecc", current, pending);
}

int nvmlDeviceGetTotalEccErrors(Device* device, int type, int counter, unsigned long long* count) {
    return tell(device, counter == 0 ? "ecc_volatile" : "ecc_aggregate",
                static_cast<std::size_t>(type), count);
}

int nvmlDeviceGetSramEccErrorStatus(Device* device, nvml::SramStatus* status) {
    if (status->version != nvml::version_of<nvml::SramStatus>(1)) return version_mismatch;
    status->aggregate_parity = 0;
    const int result = tell(device, "sram", 0, &status->aggregate_sec_ded);
    return result == success ? tell(device, "sram", 1, &status->threshold_exceeded) : result;
}

int nvmlDeviceGetRemappedRows(Device* device, unsigned* correctable, unsigned* uncorrectable,
                              unsigned* pending, unsigned* failed) {
    const int status = tell_two(device, "remapped", correctable, uncorrectable);
    if (status != success) return status;
    tell(device, "remapped", 2, pending);
    return tell(device, "remapped", 3, failed);
}

int nvmlDeviceGetRowRemapperHistogram(Device* device, nvml::RemapHistogram* banks) {
    const int status = tell_two(device, "remap_banks", &banks->max, &banks->high);
    if (status != success) return status;
    tell(device, "remap_banks", 2, &banks->partial);
    tell(device, "remap_banks", 3, &banks->low);
    return tell(device, "remap_banks", 4, &banks->none);
}

// All are of one cause; with no room only their number is told.
int nvmlDeviceGetRetiredPages(Device* device, int cause, unsigned* count, unsigned long long*) {
    const unsigned room = *count;
    const int status = tell(device, "retired", 0, count);
    if (status != success) return status;
    if (cause == nvml::retired_single_bit) *count = 0;
    return *count > room ? too_small : success;
}

int nvmlDeviceGetRetiredPagesPendingStatus(Device* device, int* pending) {
    return tell(device, "retired", 1, pending);
}

int nvmlDeviceGetFieldValues(Device* device, int count, nvml::FieldValue* values) {
    for (int i = 0; i < count; ++i) {
        nvml::FieldValue& value = values[i];
        value.type = nvml::value_number;
        value.status = value.field == nvml::field_recovery_action
                           ? tell(device, "recovery", 0, &value.value.number)
                           : not_supported;
    }
    return success;
}

int nvmlDeviceGetViolationStatus(Device* device, int policy, nvml::Violation* time) {
    time->reference_us = 0;
    switch (policy) {
        case nvml::policy_power:
            return tell(device, "violation", 0, &time->violation_ns);
        case nvml::policy_thermal:
            return tell(device, "violation", 1, &time->violation_ns);
        case nvml::policy_board:
            return tell(device, "violation", 2, &time->violation_ns);
        case nvml::policy_reliability:
            return tell(device, "violation", 3, &time->violation_ns);
        default:
            return invalid_argument;
    }
}

int nvmlDeviceGetPowerManagementDefaultLimit(Device* device, unsigned* milliwatts) {
    return tell(device, "power_limits", 0, milliwatts);
}

int nvmlDeviceGetPowerManagementLimitConstraints(Device* device, unsigned* least, unsigned* most) {
    const int status = tell(device, "power_limits", 1, least);
    return status == success ? tell(device, "power_limits", 2, most) : status;
}

int nvmlDeviceGetMaxClockInfo(Device* device, int clock, unsigned* mhz) {
    return tell(device, "clocks_max", static_cast<std::size_t>(clock - 1), mhz);
}

int nvmlDeviceGetApplicationsClock(Device* device, int clock, unsigned* mhz) {
    return clock == nvml::clock_sm ? tell(device, "application_clocks", 0, mhz) : not_supported;
}

int nvmlDeviceGetDefaultApplicationsClock(Device* device, int clock, unsigned* mhz) {
    return clock == nvml::clock_sm ? tell(device, "application_clocks", 1, mhz) : not_supported;
}

int nvmlDeviceGetTemperatureThreshold(Device* device, int threshold, unsigned* celsius) {
    return threshold == nvml::threshold_slowdown ? tell(device, "slowdown", 0, celsius)
                                                 : not_supported;
}

int nvmlDeviceGetPersistenceMode(Device* device, int* mode) {
    return tell(device, "persistence", 0, mode);
}

int nvmlDeviceGetComputeMode(Device* device, int* mode) {
    return tell(device, "compute_mode", 0, mode);
}

int nvmlDeviceGetNvLinkState(Device* device, unsigned link, int* active) {
    const auto links = device->reading("nvlinks", 0);
    if (!links || link >= *links) return not_supported;
    *active = link < device->reading("nvlinks", 1).value_or(0) ? 1 : 0;
    return success;
}

int nvmlDeviceGetNvLinkErrorCounter(Device* device, unsigned link, unsigned counter,
                                    unsigned long long* count) {
    if (!device->reading("nvlinks", 0) || link >= *device->reading("nvlinks", 0))
        return not_supported;
    const bool counts = link == 0 && counter == nvml::link_replay;
    *count = counts ? device->reading("nvlinks", 2).value_or(0) : 0;
    return success;
}

int nvmlDeviceGetGpuFabricInfoV(Device* device, nvml::FabricInfo2* info) {
    if (info->version != nvml::version_of<nvml::FabricInfo2>(2)) return version_mismatch;
    const int status = tell(device, "fabric", 0, &info->state);
    return status == success ? tell(device, "fabric", 1, &info->status) : status;
}

int nvmlDeviceGetCurrPcieLinkGeneration(Device* device, unsigned* generation) {
    return tell(device, "pcie", 0, generation);
}

int nvmlDeviceGetCurrPcieLinkWidth(Device* device, unsigned* lanes) {
    return tell(device, "pcie", 1, lanes);
}

int nvmlDeviceGetMaxPcieLinkGeneration(Device* device, unsigned* generation) {
    return tell(device, "pcie", 2, generation);
}

int nvmlDeviceGetMaxPcieLinkWidth(Device* device, unsigned* lanes) {
    return tell(device, "pcie", 3, lanes);
}

int nvmlDeviceGetPcieReplayCounter(Device* device, unsigned* count) {
    return tell(device, "pcie", 4, count);
}

}  // extern "C"

#endif
