// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/condition.hpp"

#include <cstdlib>

#include "runtime/base/shared_library.hpp"

namespace warpstep::device::cuda {
namespace {

// The part of NVML's interface that is read here; its header is not in every toolkit.
using Handle = struct OpaqueDevice*;
constexpr int success = 0;
constexpr int sm_clock = 1, memory_clock = 2;  // nvmlClockType_t
constexpr int gpu_sensor = 0;                  // nvmlTemperatureSensors_t

struct Reason {
    unsigned long long bit;
    const char* name;
};
// nvmlClocksEventReasons; idleness and clocks that a person has chosen hold nothing down.
constexpr Reason reasons[] = {{0x04, "power cap"},
                              {0x08, "hardware slowdown"},
                              {0x20, "software thermal"},
                              {0x40, "hardware thermal"},
                              {0x80, "power brake"}};

struct Library {
    int (*init)() = nullptr;
    int (*by_uuid)(const char*, Handle*) = nullptr;
    int (*parent)(Handle, Handle*) = nullptr;
    int (*clock)(Handle, int, unsigned*) = nullptr;
    int (*power)(Handle, unsigned*) = nullptr;
    int (*limit)(Handle, unsigned*) = nullptr;
    int (*temperature)(Handle, int, unsigned*) = nullptr;
    int (*throttle)(Handle, unsigned long long*) = nullptr;
};

Library open() {
    Library found;
    const char* file = std::getenv("WARPSTEP_NVML_LIBRARY");
    // Kept open: NVML was initialized and is read until the end.
    static const SharedLibrary library =
        SharedLibrary::try_open(file != nullptr && *file != '\0' ? file : "libnvidia-ml.so.1");
    library.optional(found.init, "nvmlInit_v2");
    library.optional(found.by_uuid, "nvmlDeviceGetHandleByUUID");
    library.optional(found.parent, "nvmlDeviceGetDeviceHandleFromMigDeviceHandle");
    library.optional(found.clock, "nvmlDeviceGetClockInfo");
    library.optional(found.power, "nvmlDeviceGetPowerUsage");
    library.optional(found.limit, "nvmlDeviceGetEnforcedPowerLimit");
    library.optional(found.temperature, "nvmlDeviceGetTemperature");
    library.optional(found.throttle, "nvmlDeviceGetCurrentClocksEventReasons",
                     "nvmlDeviceGetCurrentClocksThrottleReasons");
    if (found.init == nullptr || found.init() != success) return {};
    return found;
}

/// nullptr when NVML does not know the GPU.
Handle handle_of(const Library& nvml, const std::string& uuid) {
    Handle handle = nullptr;
    if (nvml.by_uuid == nullptr || nvml.by_uuid(uuid.c_str(), &handle) != success) return nullptr;
    Handle parent = nullptr;
    const bool instance = uuid.compare(0, 4, "MIG-") == 0;
    if (instance && nvml.parent != nullptr && nvml.parent(handle, &parent) == success)
        return parent;
    return handle;
}

template <typename Function, typename... Arguments>
std::optional<double> read(double scale, Function function, Arguments... arguments) {
    unsigned value = 0;
    if (function == nullptr || function(arguments..., &value) != success) return std::nullopt;
    return value * scale;
}

}  // namespace

Condition condition_of(const std::string& uuid) {
    static const Library nvml = open();
    Condition condition;
    const Handle gpu = handle_of(nvml, uuid);
    if (gpu == nullptr) return condition;
    condition.sm_clock = read(1e6, nvml.clock, gpu, sm_clock);
    condition.memory_clock = read(1e6, nvml.clock, gpu, memory_clock);
    condition.power = read(1e-3, nvml.power, gpu);
    condition.power_limit = read(1e-3, nvml.limit, gpu);
    condition.temperature = read(1, nvml.temperature, gpu, gpu_sensor);
    unsigned long long bits = 0;
    if (nvml.throttle == nullptr || nvml.throttle(gpu, &bits) != success) return condition;
    for (const Reason& reason : reasons) {
        if ((bits & reason.bit) != 0) condition.throttled.emplace_back(reason.name);
    }
    return condition;
}

}  // namespace warpstep::device::cuda
