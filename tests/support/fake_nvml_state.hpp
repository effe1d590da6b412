// SPDX-License-Identifier: Apache-2.0
// What the stand-in for NVIDIA's management library shows: the file that fake_nvml.cpp describes,
// as values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace warpstep::test::fake_nvml {

struct Device {
    unsigned domain = 0, bus = 0, device = 0;
    std::string name, uuid, serial, vbios;
    unsigned long long memory_mib = 0;
    unsigned long nodes = 0;
    int status = 0;
    bool mig = false;
    unsigned gpu_instance = 0, compute_instance = 0;
    unsigned hang_s = 0;  ///< its readings of power block that long
    /// Numbers of a line by its first word; "-" is nothing.
    std::map<std::string, std::vector<std::optional<unsigned long long>>> readings;
    std::map<unsigned, Device> instances;

    std::optional<unsigned long long> reading(const std::string& key, std::size_t position) const;
    /// Process ids and MiB: of the file's line and of the directory of processes.
    std::vector<std::pair<unsigned, unsigned long long>> processes() const;
};

struct State {
    int init = 0;
    unsigned hang_s = 0;  ///< initialisation blocks that long
    int cuda = 0;
    std::string driver = "0.0";
    std::string process_directory;
    std::vector<Device> devices;
};

extern State state;

/// From the file that FAKE_NVML names.
void read_state();

constexpr int success = 0, invalid_argument = 2, not_supported = 3, not_found = 6, too_small = 7;

/// A reading as an NVML call gives it.
template <typename Number>
int tell(const Device* device, const char* key, std::size_t position, Number* out) {
    const auto value = device->reading(key, position);
    if (!value) return not_supported;
    *out = static_cast<Number>(*value);
    return success;
}

}  // namespace warpstep::test::fake_nvml
