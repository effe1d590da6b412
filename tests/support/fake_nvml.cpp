// SPDX-License-Identifier: Apache-2.0
// A stand-in for NVIDIA's management library with its C interface. FAKE_NVML names a file that says
// what it shows, read when it is initialised; an absent one is a machine without GPUs:
//
//   driver 580.65.06
//   init 18                      the status that initialisation returns
//   gpu 0000:1b:00.0 GPU-uuid 81559 1650001 3 NVIDIA H100   memory in MiB, serial, NUMA nodes
//   (mask) status 4                     the last GPU's handle is refused with this status mig the
//   last GPU is in MIG mode instance 0 MIG-uuid 9728 1 0 position, memory in MiB, GPU instance,
//   compute instance
//   clocks 1755 2619    power 512500 700000    temperature 61    throttle 4
//                                readings of the last GPU, each on a line of its own: MHz of the
//                                multiprocessors and of the memory, mW and limit, degrees, hex mask
//
// Compiled with FAKE_NVML_OLD it lacks what drivers without MIG lack, with FAKE_NVML_BROKEN what
// every driver has.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Device {
    unsigned domain = 0, bus = 0, device = 0;
    std::string name, uuid, serial;
    unsigned long long memory_mib = 0;
    unsigned long nodes = 0;
    int status = 0;
    bool mig = false;
    unsigned gpu_instance = 0, compute_instance = 0;
    unsigned clocks[2] = {}, power = 0, limit = 0, degrees = 0;  ///< 0: not supported
    unsigned long long throttle = 0;
    std::map<unsigned, Device> instances;
};

struct PciInfo {
    char legacy_bus_id[16];
    unsigned domain, bus, device, device_id, subsystem_id;
    char bus_id[32];
};
struct Memory {
    unsigned long long total, free, used;
};

struct State {
    int init = 0;
    std::string driver = "0.0";
    std::vector<Device> devices;
};
State state;

[[maybe_unused]] constexpr int success = 0, invalid_argument = 2, not_supported = 3, not_found = 6,
                               too_small = 7;

Device read_device(std::istream& line) {
    Device device;
    std::string address;
    line >> address >> device.uuid >> device.memory_mib >> device.serial >> device.nodes >> std::ws;
    std::getline(line, device.name);
    std::sscanf(address.c_str(), "%x:%x:%x", &device.domain, &device.bus, &device.device);
    return device;
}

void read_state() {
    state = {};
    const char* path = std::getenv("FAKE_NVML");
    std::ifstream file(path ? path : "");
    for (std::string text; std::getline(file, text);) {
        std::istringstream line(text);
        std::string key;
        line >> key;
        if (key == "driver") line >> state.driver;
        if (key == "init") line >> state.init;
        if (key == "gpu") state.devices.push_back(read_device(line));
        if (key == "status") line >> state.devices.back().status;
        if (!state.devices.empty()) {
            Device& last = state.devices.back();
            if (key == "clocks") line >> last.clocks[0] >> last.clocks[1];
            if (key == "power") line >> last.power >> last.limit;
            if (key == "temperature") line >> last.degrees;
            if (key == "throttle") line >> std::hex >> last.throttle;
        }
        if (key == "mig") state.devices.back().mig = true;
        if (key == "instance") {
            unsigned position = 0;
            Device part;
            line >> position >> part.uuid >> part.memory_mib >> part.gpu_instance >>
                part.compute_instance;
            state.devices.back().instances[position] = part;
        }
    }
}

[[maybe_unused]] int tell(unsigned value, unsigned* out) {
    *out = value;
    return value == 0 ? not_supported : success;
}

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
    return tell(device->clocks[clock - 1], mhz);
}

int nvmlDeviceGetPowerUsage(Device* device, unsigned* milliwatts) {
    return tell(device->power, milliwatts);
}

int nvmlDeviceGetEnforcedPowerLimit(Device* device, unsigned* milliwatts) {
    return tell(device->limit, milliwatts);
}

int nvmlDeviceGetTemperature(Device* device, int sensor, unsigned* degrees) {
    return sensor == 0 ? tell(device->degrees, degrees) : invalid_argument;
}

#ifdef FAKE_NVML_OLD
int nvmlDeviceGetCurrentClocksThrottleReasons(Device* device, unsigned long long* mask) {
#else
int nvmlDeviceGetCurrentClocksEventReasons(Device* device, unsigned long long* mask) {
#endif
    *mask = device->throttle;
    return success;
}
#endif

#ifndef FAKE_NVML_OLD
const char* nvmlErrorString(int status) {
    if (status == 18) return "Driver/library version mismatch";
    return status == 15 ? "GPU is lost" : "Unknown Error";
}

int nvmlInitWithFlags(unsigned flags) {
    read_state();
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
    *memory = {device->memory_mib << 20, device->memory_mib << 20, 0};
    return success;
}

int nvmlDeviceGetMemoryAffinity(Device* device, unsigned words, unsigned long* nodes, unsigned) {
    if (device->nodes == 0 || words == 0) return not_supported;
    nodes[0] = device->nodes;
    return success;
}

int nvmlDeviceGetMigMode(Device* device, unsigned* current, unsigned* pending) {
    *current = *pending = device->mig ? 1 : 0;
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
