// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/nvml_library.hpp"

#include <fmt/format.h>

namespace warpstep::topology::nvml {

namespace {

void find_identity(const SharedLibrary& symbols, Library& library) {
    symbols.optional(library.pci_info, "nvmlDeviceGetPciInfo_v3");
    symbols.optional(library.name, "nvmlDeviceGetName");
    symbols.optional(library.uuid, "nvmlDeviceGetUUID");
    symbols.optional(library.serial, "nvmlDeviceGetSerial");
    symbols.optional(library.vbios, "nvmlDeviceGetVbiosVersion");
    symbols.optional(library.minor, "nvmlDeviceGetMinorNumber");
    symbols.optional(library.memory_affinity, "nvmlDeviceGetMemoryAffinity");
}

void find_use(const SharedLibrary& symbols, Library& library) {
    symbols.optional(library.memory, "nvmlDeviceGetMemoryInfo");
    symbols.optional(library.memory2, "nvmlDeviceGetMemoryInfo_v2");
    symbols.optional(library.utilization, "nvmlDeviceGetUtilizationRates");
    symbols.optional(library.processes1, "nvmlDeviceGetComputeRunningProcesses");
    symbols.optional(library.processes, "nvmlDeviceGetComputeRunningProcesses_v3",
                     "nvmlDeviceGetComputeRunningProcesses_v2");
    symbols.optional(library.graphics_processes, "nvmlDeviceGetGraphicsRunningProcesses_v3",
                     "nvmlDeviceGetGraphicsRunningProcesses_v2");
}

void find_health(const SharedLibrary& symbols, Library& library) {
    symbols.optional(library.ecc_mode, "nvmlDeviceGetEccMode");
    symbols.optional(library.ecc_total, "nvmlDeviceGetTotalEccErrors");
    symbols.optional(library.ecc_counter, "nvmlDeviceGetMemoryErrorCounter");
    symbols.optional(library.sram_status, "nvmlDeviceGetSramEccErrorStatus");
    symbols.optional(library.remapped_rows, "nvmlDeviceGetRemappedRows");
    symbols.optional(library.remap_histogram, "nvmlDeviceGetRowRemapperHistogram");
    symbols.optional(library.retired_pages, "nvmlDeviceGetRetiredPages");
    symbols.optional(library.retired_pending, "nvmlDeviceGetRetiredPagesPendingStatus");
    symbols.optional(library.field_values, "nvmlDeviceGetFieldValues");
}

void find_speed(const SharedLibrary& symbols, Library& library) {
    symbols.optional(library.throttle_reasons, "nvmlDeviceGetCurrentClocksEventReasons",
                     "nvmlDeviceGetCurrentClocksThrottleReasons");
    symbols.optional(library.violation, "nvmlDeviceGetViolationStatus");
    symbols.optional(library.power, "nvmlDeviceGetPowerUsage");
    symbols.optional(library.power_limit, "nvmlDeviceGetEnforcedPowerLimit");
    symbols.optional(library.power_default, "nvmlDeviceGetPowerManagementDefaultLimit");
    symbols.optional(library.power_range, "nvmlDeviceGetPowerManagementLimitConstraints");
    symbols.optional(library.clock, "nvmlDeviceGetClockInfo");
    symbols.optional(library.clock_max, "nvmlDeviceGetMaxClockInfo");
    symbols.optional(library.clock_application, "nvmlDeviceGetApplicationsClock");
    symbols.optional(library.clock_default, "nvmlDeviceGetDefaultApplicationsClock");
    symbols.optional(library.temperature, "nvmlDeviceGetTemperature");
    symbols.optional(library.temperature_threshold, "nvmlDeviceGetTemperatureThreshold");
}

void find_modes(const SharedLibrary& symbols, Library& library) {
    symbols.optional(library.persistence, "nvmlDeviceGetPersistenceMode");
    symbols.optional(library.compute_mode, "nvmlDeviceGetComputeMode");
    symbols.optional(library.mig_mode, "nvmlDeviceGetMigMode");
    symbols.optional(library.mig_count, "nvmlDeviceGetMaxMigDeviceCount");
    symbols.optional(library.mig_device, "nvmlDeviceGetMigDeviceHandleByIndex");
    symbols.optional(library.gpu_instance_id, "nvmlDeviceGetGpuInstanceId");
    symbols.optional(library.compute_instance_id, "nvmlDeviceGetComputeInstanceId");
}

void find_links(const SharedLibrary& symbols, Library& library) {
    symbols.optional(library.link_state, "nvmlDeviceGetNvLinkState");
    symbols.optional(library.link_errors, "nvmlDeviceGetNvLinkErrorCounter");
    symbols.optional(library.fabric, "nvmlDeviceGetGpuFabricInfo");
    symbols.optional(library.fabric2, "nvmlDeviceGetGpuFabricInfoV");
    symbols.optional(library.pcie_generation, "nvmlDeviceGetCurrPcieLinkGeneration");
    symbols.optional(library.pcie_width, "nvmlDeviceGetCurrPcieLinkWidth");
    symbols.optional(library.pcie_max_generation, "nvmlDeviceGetMaxPcieLinkGeneration");
    symbols.optional(library.pcie_max_width, "nvmlDeviceGetMaxPcieLinkWidth");
    symbols.optional(library.pcie_replays, "nvmlDeviceGetPcieReplayCounter");
}

}  // namespace

Library::Library(const std::string& path) : file_(SharedLibrary::try_open(path)) {
    problem = file_.problem();
    if (!file_.is_open()) return;
    const SharedLibrary& symbols = file_;
    symbols.optional(init, "nvmlInit_v2");
    symbols.optional(init_with_flags, "nvmlInitWithFlags");
    symbols.optional(shutdown, "nvmlShutdown");
    symbols.optional(error_string, "nvmlErrorString");
    symbols.optional(driver_version, "nvmlSystemGetDriverVersion");
    symbols.optional(cuda_driver_version, "nvmlSystemGetCudaDriverVersion_v2",
                     "nvmlSystemGetCudaDriverVersion");
    symbols.optional(device_count, "nvmlDeviceGetCount_v2");
    symbols.optional(device, "nvmlDeviceGetHandleByIndex_v2");
    find_identity(symbols, *this);
    find_use(symbols, *this);
    find_health(symbols, *this);
    find_speed(symbols, *this);
    find_modes(symbols, *this);
    find_links(symbols, *this);
    if ((!init && !init_with_flags) || !shutdown || !device_count || !device || !pci_info)
        problem = fmt::format("{} lacks functions that every driver since release 390 has", path);
}

std::string Library::explain(int status) const {
    const char* text = error_string ? error_string(status) : nullptr;
    return fmt::format("{} (NVML error {})", text ? text : "unknown", status);
}

}  // namespace warpstep::topology::nvml
