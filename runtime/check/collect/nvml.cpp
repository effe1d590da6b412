// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/collect/nvml.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/check/collect/nvml_ask.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::check {

namespace {

using namespace topology;
using nvml::Device;
using nvml::Library;

template <typename Call>
std::string ask_text(Call call, Device device) {
    std::array<char, 128> text{};
    if (!call || call(device, text.data(), text.size() - 1) != nvml::success) return "";
    return text.data();
}

/// Drivers differ in how far apart they put the entries, so there is room for the widest.
std::vector<GpuProcess> processes_of(int (*call)(Device, unsigned*, nvml::Process2*),
                                     Device device) {
    constexpr std::size_t narrow = sizeof(nvml::Process2), wide = narrow + 8;
    std::vector<GpuProcess> all;
    unsigned count = 0;
    if (!call) return all;
    int status = call(device, &count, nullptr);
    if (status != nvml::insufficient_size) return all;
    count += 16;  // others start meanwhile
    std::vector<nvml::Process2> room(count * wide / narrow + 1);
    std::memset(room.data(), 0, room.size() * narrow);
    status = call(device, &count, room.data());
    if (status != nvml::success) return all;
    const char* bytes = reinterpret_cast<const char*>(room.data());
    const bool is_wide = std::any_of(bytes + count * narrow, bytes + count * wide,
                                     [](char byte) { return byte != 0; });
    for (std::size_t i = 0; i < count; ++i) {
        nvml::Process2 entry;
        std::memcpy(&entry, bytes + i * (is_wide ? wide : narrow), narrow);
        GpuProcess process;
        process.pid = entry.pid;
        if (entry.memory_bytes != ~0ULL) process.memory_bytes = entry.memory_bytes;
        all.push_back(process);
    }
    return all;
}

/// Of drivers before 450.
std::vector<GpuProcess> processes_before(const Library& nvml, Device device) {
    std::vector<GpuProcess> all;
    std::vector<nvml::Process1> room(256);
    unsigned count = static_cast<unsigned>(room.size());
    if (!nvml.processes1 || nvml.processes1(device, &count, room.data()) != nvml::success)
        return all;
    for (unsigned i = 0; i < count; ++i) {
        GpuProcess process;
        process.pid = room[i].pid;
        if (room[i].memory_bytes != ~0ULL) process.memory_bytes = room[i].memory_bytes;
        all.push_back(process);
    }
    return all;
}

std::optional<std::uint64_t> violation_of(const Library& nvml, Device device, int policy) {
    const auto time = ask<nvml::Violation>(nvml.violation, device, policy);
    if (!time) return std::nullopt;
    return time->violation_ns;
}

}  // namespace

void read_identity(const Library& nvml, Device device, GpuFacts& gpu) {
    if (const auto pci = ask<nvml::PciInfo>(nvml.pci_info, device))
        gpu.pci = show(PciAddress{pci->domain, pci->bus, pci->device, 0});
    gpu.uuid = ask_text(nvml.uuid, device);
    gpu.serial = ask_text(nvml.serial, device);
    gpu.name = ask_text(nvml.name, device);
    gpu.vbios = ask_text(nvml.vbios, device);
    if (const auto minor = ask<unsigned>(nvml.minor, device)) gpu.minor = static_cast<int>(*minor);
    if (const auto memory = ask<nvml::Memory>(nvml.memory, device)) {
        gpu.memory_bytes = memory->total;
        gpu.memory_used_bytes = memory->used;
    }
}

void read_use(const Library& nvml, Device device, GpuFacts& gpu) {
    nvml::Memory2 memory{};
    memory.version = nvml::version_of<nvml::Memory2>(2);
    if (nvml.memory2 && nvml.memory2(device, &memory) == nvml::success)
        gpu.memory_used_bytes = memory.used;
    if (const auto use = ask<nvml::Utilization>(nvml.utilization, device))
        gpu.utilization_percent = use->gpu;
    gpu.processes =
        nvml.processes ? processes_of(nvml.processes, device) : processes_before(nvml, device);
    for (const GpuProcess& process : processes_of(nvml.graphics_processes, device)) {
        const bool known =
            std::any_of(gpu.processes.begin(), gpu.processes.end(),
                        [&](const GpuProcess& other) { return other.pid == process.pid; });
        if (!known) gpu.processes.push_back(process);
    }
}

GpuSpeed read_speed(const Library& nvml, Device device) {
    GpuSpeed speed;
    speed.throttle_reasons = ask<unsigned long long>(nvml.throttle_reasons, device);
    speed.violation_power_ns = violation_of(nvml, device, nvml::policy_power);
    speed.violation_thermal_ns = violation_of(nvml, device, nvml::policy_thermal);
    speed.violation_board_ns = violation_of(nvml, device, nvml::policy_board);
    speed.violation_reliability_ns = violation_of(nvml, device, nvml::policy_reliability);
    speed.power_mw = ask<unsigned>(nvml.power, device);
    speed.power_limit_mw = ask<unsigned>(nvml.power_limit, device);
    speed.power_default_mw = ask<unsigned>(nvml.power_default, device);
    unsigned least = 0, most = 0;
    if (nvml.power_range && nvml.power_range(device, &least, &most) == nvml::success)
        speed.power_max_mw = most;
    speed.sm_mhz = ask<unsigned>(nvml.clock, device, nvml::clock_sm);
    speed.memory_mhz = ask<unsigned>(nvml.clock, device, nvml::clock_memory);
    speed.sm_max_mhz = ask<unsigned>(nvml.clock_max, device, nvml::clock_sm);
    speed.memory_max_mhz = ask<unsigned>(nvml.clock_max, device, nvml::clock_memory);
    speed.sm_application_mhz = ask<unsigned>(nvml.clock_application, device, nvml::clock_sm);
    speed.sm_default_application_mhz = ask<unsigned>(nvml.clock_default, device, nvml::clock_sm);
    speed.temperature_c = ask<unsigned>(nvml.temperature, device, nvml::sensor_gpu);
    speed.temperature_slowdown_c =
        ask<unsigned>(nvml.temperature_threshold, device, nvml::threshold_slowdown);
    return speed;
}

GpuModes read_modes(const Library& nvml, Device device) {
    GpuModes modes;
    if (const auto mode = ask<int>(nvml.persistence, device)) modes.persistence = *mode != 0;
    modes.compute_mode = ask<int>(nvml.compute_mode, device);
    unsigned current = 0, pending = 0, most = 0;
    if (!nvml.mig_mode || nvml.mig_mode(device, &current, &pending) != nvml::success) return modes;
    modes.mig_current = current != 0;
    modes.mig_pending = pending != 0;
    if (current == 0 || !nvml.mig_count || nvml.mig_count(device, &most) != nvml::success)
        return modes;
    for (unsigned i = 0; i < most; ++i) {
        const auto part = ask<Device>(nvml.mig_device, device, i);
        const std::string uuid = part ? ask_text(nvml.uuid, *part) : "";
        if (!uuid.empty()) modes.mig_instances.push_back(uuid);
    }
    return modes;
}

}  // namespace warpstep::check
