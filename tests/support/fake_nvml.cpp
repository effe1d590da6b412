// SPDX-License-Identifier: Apache-2.0
// A stand-in for NVIDIA's management library with its C interface. FAKE_NVML names a file that says
// what it shows, read when it is initialised; an absent one is a machine without GPUs:
//
//   driver 580.65.06
//   cuda 13000
//   init 18                      the status that initialisation returns
//   hang 60                      initialisation blocks for so many seconds
//   process_directory DIR        processes are also the files DIR/<uuid>/<pid> whose content is MiB
//   gpu 0000:1b:00.0 GPU-uuid 81559 1650001 3 NVIDIA H100
//                                memory in MiB, serial, mask of NUMA nodes
//
// What follows is the last GPU's, each on a line of its own. What is not said, or "-", is not
// supported by the GPU; a later line replaces an earlier one of the same word.
//
//   status 4                     its handle is refused with this status
//   hang 60                      readings of its power block for so many seconds
//   mig                          it is in MIG mode
//   instance 0 MIG-uuid 9728 1 0 position, memory in MiB, GPU instance, compute instance
//   healthy                      the readings of an idle, healthy H100
//   processes 4711 512           process id and MiB, any number of pairs
//   vbios 96.00.89.00.01         minor 3          used 512 (MiB)      utilization 97 (percent)
//   ecc 1 1                      now, after the next reset
//   ecc_volatile 0 0             corrected, uncorrected; likewise ecc_aggregate
//   sram 0 0                     uncorrected since made, threshold exceeded
//   remapped 0 0 0 0             rows for corrected and uncorrected errors, pending, failed
//   remap_banks 640 0 0 0 0      by spare rows left: all, many, some, few, none
//   retired 0 0                  pages, pending
//   recovery 0                   recovery action
//   clocks 1755 2619             MHz of the multiprocessors and of the memory; likewise clocks_max
//   application_clocks 1980 1980 MHz of the multiprocessors: set, default
//   power 512500 700000          mW now, limit that is enforced
//   power_limits 700000 200000 700000
//                                mW: default, least, most
//   temperature 61               slowdown 89      persistence 1       compute_mode 0
//   throttle 4                   hexadecimal
//   violation 0 0 0 0            ns of power, temperature, board limit, reliability
//   mig_pending 0                differs from the mode that "mig" says
//   nvlinks 18 18 0              links, those active, errors of the first
//   fabric 3 0                   state, status
//   pcie 5 16 5 16 0             generation and width, their maxima, replays
//
// Compiled with FAKE_NVML_OLD it lacks what drivers without MIG lack, with FAKE_NVML_BROKEN what
// every driver has. The readings of health are in fake_nvml_readings.cpp.
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "tests/support/fake_nvml_state.hpp"

using namespace warpstep::test::fake_nvml;

namespace {

struct PciInfo {
    char legacy_bus_id[16];
    unsigned domain, bus, device, device_id, subsystem_id;
    char bus_id[32];
};
struct Memory {
    unsigned long long total, free, used;
};

int copy(const std::string& value, char* text, unsigned length) {
    if (value.size() >= length) return too_small;
    std::memcpy(text, value.c_str(), value.size() + 1);
    return success;
}

}  // namespace

extern "C" {

int nvmlShutdown() {
    return success;
}

#ifndef FAKE_NVML_BROKEN
int nvmlInit_v2() {
    read_state();
    ::sleep(state.hang_s);
    return state.init;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
    *count = static_cast<unsigned>(state.devices.size());
    return success;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device** device) {
    if (index >= state.devices.size()) return invalid_argument;
    if (state.devices[index].status != success) return state.devices[index].status;
    *device = &state.devices[index];
    return success;
}

int nvmlDeviceGetPciInfo_v3(Device* device, PciInfo* info) {
    *info = {};
    info->domain = device->domain;
    info->bus = device->bus;
    info->device = device->device;
    info->device_id = 0x233010de;
    std::snprintf(info->bus_id, sizeof info->bus_id, "%08X:%02X:%02X.0", device->domain,
                  device->bus, device->device);
    return success;
}

int nvmlDeviceGetUUID(Device* device, char* text, unsigned length) {
    return copy(device->uuid, text, length);
}

int nvmlDeviceGetHandleByUUID(const char* uuid, Device** found) {
    for (Device& device : state.devices) {
        if (device.uuid == uuid) return *found = &device, success;
        for (auto& [position, instance] : device.instances) {
            if (instance.uuid == uuid) return *found = &instance, success;
        }
    }
    return not_found;
}

// As the real one: an instance has no readings of its own, a whole GPU has no parent.
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(Device* part, Device** parent) {
    for (Device& device : state.devices) {
        for (auto& [position, instance] : device.instances) {
            if (&instance == part) return *parent = &device, success;
        }
    }
    return invalid_argument;
}

int nvmlDeviceGetClockInfo(Device* device, int clock, unsigned* mhz) {
    if (clock != 1 && clock != 2) return invalid_argument;
    return tell(device, "clocks", static_cast<std::size_t>(clock - 1), mhz);
}

int nvmlDeviceGetPowerUsage(Device* device, unsigned* milliwatts) {
    ::sleep(device->hang_s);
    return tell(device, "power", 0, milliwatts);
}

int nvmlDeviceGetEnforcedPowerLimit(Device* device, unsigned* milliwatts) {
    return tell(device, "power", 1, milliwatts);
}

int nvmlDeviceGetTemperature(Device* device, int sensor, unsigned* degrees) {
    return sensor == 0 ? tell(device, "temperature", 0, degrees) : invalid_argument;
}

#ifdef FAKE_NVML_OLD
int nvmlDeviceGetCurrentClocksThrottleReasons(Device* device, unsigned long long* mask) {
#else
int nvmlDeviceGetCurrentClocksEventReasons(Device* device, unsigned long long* mask) {
#endif
    return tell(device, "throttle", 0, mask);
}
#endif

#ifndef FAKE_NVML_OLD
const char* nvmlErrorString(int status) {
    if (status == 18) return "Driver/library version mismatch";
    return status == 15 ? "GPU is lost" : "Unknown Error";
}

int nvmlInitWithFlags(unsigned flags) {
    read_state();
    ::sleep(state.hang_s);
    return flags == 1 ? state.init : invalid_argument;
}

int nvmlSystemGetDriverVersion(char* text, unsigned length) {
    return copy(state.driver, text, length);
}

int nvmlDeviceGetName(Device* device, char* text, unsigned length) {
    return copy(device->name, text, length);
}

int nvmlDeviceGetSerial(Device* device, char* text, unsigned length) {
    return device->serial == "-" ? not_supported : copy(device->serial, text, length);
}

int nvmlDeviceGetMemoryInfo(Device* device, Memory* memory) {
    const unsigned long long used = device->reading("used", 0).value_or(0);
    *memory = {device->memory_mib << 20, (device->memory_mib - used) << 20, used << 20};
    return success;
}

int nvmlDeviceGetMemoryAffinity(Device* device, unsigned words, unsigned long* nodes, unsigned) {
    if (device->nodes == 0 || words == 0) return not_supported;
    nodes[0] = device->nodes;
    return success;
}

int nvmlDeviceGetMigMode(Device* device, unsigned* current, unsigned* pending) {
    *current = device->mig ? 1 : 0;
    *pending = static_cast<unsigned>(device->reading("mig_pending", 0).value_or(*current));
    return success;
}

int nvmlDeviceGetMaxMigDeviceCount(Device*, unsigned* count) {
    *count = 7;
    return success;
}

int nvmlDeviceGetMigDeviceHandleByIndex(Device* device, unsigned index, Device** instance) {
    const auto found = device->instances.find(index);
    if (found == device->instances.end()) return not_found;
    *instance = &found->second;
    return success;
}

int nvmlDeviceGetGpuInstanceId(Device* instance, unsigned* id) {
    *id = instance->gpu_instance;
    return success;
}

int nvmlDeviceGetComputeInstanceId(Device* instance, unsigned* id) {
    *id = instance->compute_instance;
    return success;
}
#endif

}  // extern "C"
