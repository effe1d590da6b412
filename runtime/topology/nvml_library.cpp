// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/nvml_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace warpstep::topology::nvml {

namespace {

class Symbols {
  public:
    explicit Symbols(void* handle) : handle_(handle) {}
    /// The first of the names that the library has; null without.
    template <typename Function, typename... Names>
    void find(Function& function, Names... names) const {
        for (const char* name : {names...}) {
            function = reinterpret_cast<Function>(dlsym(handle_, name));
            if (function) return;
        }
    }

  private:
    void* handle_;
};

void find_identity(const Symbols& symbols, Library& library) {
    symbols.find(library.pci_info, "nvmlDeviceGetPciInfo_v3");
    symbols.find(library.name, "nvmlDeviceGetName");
    symbols.find(library.uuid, "nvmlDeviceGetUUID");
    symbols.find(library.serial, "nvmlDeviceGetSerial");
    symbols.find(library.vbios, "nvmlDeviceGetVbiosVersion");
    symbols.find(library.minor, "nvmlDeviceGetMinorNumber");
    symbols.find(library.memory_affinity, "nvmlDeviceGetMemoryAffinity");
}

void find_use(const Symbols& symbols, Library& library) {
    symbols.find(library.memory, "nvmlDeviceGetMemoryInfo");
    symbols.find(library.memory2, "nvmlDeviceGetMemoryInfo_v2");
    symbols.find(library.utilization, "nvmlDeviceGetUtilizationRates");
    symbols.find(library.processes1, "nvmlDeviceGetComputeRunningProcesses");
    symbols.find(library.processes, "nvmlDeviceGetComputeRunningProcesses_v3",
                 "nvmlDeviceGetComputeRunningProcesses_v2");
    symbols.find(library.graphics_processes, "nvmlDeviceGetGraphicsRunningProcesses_v3",
                 "nvmlDeviceGetGraphicsRunningProcesses_v2");
}

void find_health(const Symbols& symbols, Library& library) {
    symbols.find(library.ecc_mode, "nvmlDeviceGetEccMode");
    symbols.find(library.ecc_total, "nvmlDeviceGetTotalEccErrors");
    symbols.find(library.ecc_counter, "nvmlDeviceGetMemoryErrorCounter");
    symbols.find(library.sram_status, "nvmlDeviceGetSramEccErrorStatus");
    symbols.find(library.remapped_rows, "nvmlDeviceGetRemappedRows");
    symbols.find(library.remap_histogram, "nvmlDeviceGetRowRemapperHistogram");
    symbols.find(library.retired_pages, "nvmlDeviceGetRetiredPages");
    symbols.find(library.retired_pending, "nvmlDeviceGetRetiredPagesPendingStatus");
    symbols.find(library.field_values, "nvmlDeviceGetFieldValues");
}

void find_speed(const Symbols& symbols, Library& library) {
    symbols.find(library.throttle_reasons, "nvmlDeviceGetCurrentClocksEventReasons",
                 "nvmlDeviceGetCurrentClocksThrottleReasons");
    symbols.find(library.violation, "nvmlDeviceGetViolationStatus");
    symbols.find(library.power, "nvmlDeviceGetPowerUsage");
    symbols.find(library.power_limit, "nvmlDeviceGetEnforcedPowerLimit");
    symbols.find(library.power_default, "nvmlDeviceGetPowerManagementDefaultLimit");
    symbols.find(library.power_range, "nvmlDeviceGetPowerManagementLimitConstraints");
    symbols.find(library.clock, "nvmlDeviceGetClockInfo");
    symbols.find(library.clock_max, "nvmlDeviceGetMaxClockInfo");
    symbols.find(library.clock_application, "nvmlDeviceGetApplicationsClock");
    symbols.find(library.clock_default, "nvmlDeviceGetDefaultApplicationsClock");
    symbols.find(library.temperature, "nvmlDeviceGetTemperature");
    symbols.find(library.temperature_threshold, "nvmlDeviceGetTemperatureThreshold");
}

void find_modes(const Symbols& symbols, Library& library) {
    symbols.find(library.persistence, "nvmlDeviceGetPersistenceMode");
    symbols.find(library.compute_mode, "nvmlDeviceGetComputeMode");
    symbols.find(library.mig_mode, "nvmlDeviceGetMigMode");
    symbols.find(library.mig_count, "nvmlDeviceGetMaxMigDeviceCount");
    symbols.find(library.mig_device, "nvmlDeviceGetMigDeviceHandleByIndex");
    symbols.find(library.gpu_instance_id, "nvmlDeviceGetGpuInstanceId");
    symbols.find(library.compute_instance_id, "nvmlDeviceGetComputeInstanceId");
}

void find_links(const Symbols& symbols, Library& library) {
    symbols.find(library.link_state, "nvmlDeviceGetNvLinkState");
    symbols.find(library.link_errors, "nvmlDeviceGetNvLinkErrorCounter");
    symbols.find(library.fabric, "nvmlDeviceGetGpuFabricInfo");
    symbols.find(library.fabric2, "nvmlDeviceGetGpuFabricInfoV");
    symbols.find(library.pcie_generation, "nvmlDeviceGetCurrPcieLinkGeneration");
    symbols.find(library.pcie_width, "nvmlDeviceGetCurrPcieLinkWidth");
    symbols.find(library.pcie_max_generation, "nvmlDeviceGetMaxPcieLinkGeneration");
    symbols.find(library.pcie_max_width, "nvmlDeviceGetMaxPcieLinkWidth");
    symbols.find(library.pcie_replays, "nvmlDeviceGetPcieReplayCounter");
}

}  // namespace

Library::Library(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_) {
        const char* reason = dlerror();
        problem = reason ? reason : path + " cannot be opened";
        return;
    }
    const Symbols symbols(handle_.get());
    symbols.find(init, "nvmlInit_v2");
    symbols.find(init_with_flags, "nvmlInitWithFlags");
    symbols.find(shutdown, "nvmlShutdown");
    symbols.find(error_string, "nvmlErrorString");
    symbols.find(driver_version, "nvmlSystemGetDriverVersion");
    symbols.find(cuda_driver_version, "nvmlSystemGetCudaDriverVersion_v2",
                 "nvmlSystemGetCudaDriverVersion");
    symbols.find(device_count, "nvmlDeviceGetCount_v2");
    symbols.find(device, "nvmlDeviceGetHandleByIndex_v2");
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

void Library::Close::operator()(void* handle) const {
    dlclose(handle);
}

}  // namespace warpstep::topology::nvml
