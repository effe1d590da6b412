// SPDX-License-Identifier: Apache-2.0
// Private to the room: the part of NVIDIA's management library (libnvidia-ml.so.1) that we call,
// declared here so that neither its header nor the library is needed to build or to start.
// Source: NVML API reference, docs.nvidia.com/deploy/nvml-api; the layouts are its ABI.
#pragma once

#include <memory>
#include <string>

namespace warpstep::topology::nvml {

enum Status : int { success = 0, no_permission = 4 };

using Device = struct OpaqueDevice*;

/// nvmlPciInfo_t as nvmlDeviceGetPciInfo_v3 fills it.
struct PciInfo {
    char legacy_bus_id[16];
    unsigned domain, bus, device;
    unsigned device_id;  ///< device in the upper 16 bits, vendor in the lower
    unsigned subsystem_id;
    char bus_id[32];
};
static_assert(sizeof(PciInfo) == 68);

/// nvmlMemory_t, in bytes.
struct Memory {
    unsigned long long total, free, used;
};

/// The library with its functions. Those that old drivers lack are null.
class Library {
  public:
    /// `path` is a file or a name for the dynamic linker. When it cannot be used, `problem` says
    /// why and nothing else may be called.
    explicit Library(const std::string& path);

    std::string problem;
    int (*init)() = nullptr;
    int (*init_with_flags)(unsigned flags) = nullptr;
    int (*shutdown)() = nullptr;
    const char* (*error_string)(int status) = nullptr;
    int (*driver_version)(char* text, unsigned length) = nullptr;
    int (*device_count)(unsigned* count) = nullptr;
    int (*device)(unsigned index, Device* device) = nullptr;
    int (*pci_info)(Device device, PciInfo* info) = nullptr;
    int (*name)(Device device, char* text, unsigned length) = nullptr;
    int (*uuid)(Device device, char* text, unsigned length) = nullptr;
    int (*serial)(Device device, char* text, unsigned length) = nullptr;
    int (*memory)(Device device, Memory* memory) = nullptr;
    int (*memory_affinity)(Device device, unsigned words, unsigned long* nodes,
                           unsigned scope) = nullptr;
    int (*mig_mode)(Device device, unsigned* current, unsigned* pending) = nullptr;
    int (*mig_count)(Device device, unsigned* largest) = nullptr;
    int (*mig_device)(Device device, unsigned index, Device* instance) = nullptr;
    int (*gpu_instance_id)(Device instance, unsigned* id) = nullptr;
    int (*compute_instance_id)(Device instance, unsigned* id) = nullptr;

  private:
    struct Close {
        void operator()(void* handle) const;
    };
    std::unique_ptr<void, Close> handle_;
};

}  // namespace warpstep::topology::nvml
