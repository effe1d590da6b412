// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/nvml_api.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace warpstep::topology::nvml {

namespace {

template <typename Function>
void find(void* handle, const char* symbol, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle, symbol));
}

}  // namespace

Library::Library(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    void* const handle = handle_.get();
    if (!handle) {
        const char* reason = dlerror();
        problem = reason ? reason : path + " cannot be opened";
        return;
    }
    find(handle, "nvmlInit_v2", init);
    find(handle, "nvmlInitWithFlags", init_with_flags);
    find(handle, "nvmlShutdown", shutdown);
    find(handle, "nvmlErrorString", error_string);
    find(handle, "nvmlSystemGetDriverVersion", driver_version);
    find(handle, "nvmlDeviceGetCount_v2", device_count);
    find(handle, "nvmlDeviceGetHandleByIndex_v2", device);
    find(handle, "nvmlDeviceGetPciInfo_v3", pci_info);
    find(handle, "nvmlDeviceGetName", name);
    find(handle, "nvmlDeviceGetUUID", uuid);
    find(handle, "nvmlDeviceGetSerial", serial);
    find(handle, "nvmlDeviceGetMemoryInfo", memory);
    find(handle, "nvmlDeviceGetMemoryAffinity", memory_affinity);
    find(handle, "nvmlDeviceGetMigMode", mig_mode);
    find(handle, "nvmlDeviceGetMaxMigDeviceCount", mig_count);
    find(handle, "nvmlDeviceGetMigDeviceHandleByIndex", mig_device);
    find(handle, "nvmlDeviceGetGpuInstanceId", gpu_instance_id);
    find(handle, "nvmlDeviceGetComputeInstanceId", compute_instance_id);
    if ((!init && !init_with_flags) || !shutdown || !device_count || !device || !pci_info)
        problem = fmt::format("{} lacks functions that every driver since release 390 has", path);
}

void Library::Close::operator()(void* handle) const {
    dlclose(handle);
}

}  // namespace warpstep::topology::nvml
