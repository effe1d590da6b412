// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_nvml_state.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace warpstep::test::fake_nvml {

State state;

namespace {

Device read_device(std::istream& line) {
    Device device;
    std::string address;
    line >> address >> device.uuid >> device.memory_mib >> device.serial >> device.nodes >> std::ws;
    std::getline(line, device.name);
    std::sscanf(address.c_str(), "%x:%x:%x", &device.domain, &device.bus, &device.device);
    return device;
}

void read_instance(std::istream& line, Device& whole) {
    unsigned position = 0;
    Device part;
    line >> position >> part.uuid >> part.memory_mib >> part.gpu_instance >> part.compute_instance;
    whole.instances[position] = part;
}

void read_numbers(const std::string& key, std::istream& line, Device& device) {
    auto& numbers = device.readings[key];
    numbers.clear();
    const int base = key == "throttle" ? 16 : 10;
    for (std::string word; line >> word;) {
        numbers.emplace_back();
        if (word != "-") numbers.back() = std::strtoull(word.c_str(), nullptr, base);
    }
}

constexpr char healthy[] =
    "vbios 96.00.89.00.01\nused 0\nutilization 0\necc 1 1\necc_volatile 0 0\necc_aggregate 0 0\n"
    "sram 0 0\nremapped 0 0 0 0\nremap_banks 640 0 0 0 0\nrecovery 0\nthrottle 0\n"
    "violation 0 0 0 0\npower 72000 700000\npower_limits 700000 200000 700000\n"
    "clocks 1980 2619\nclocks_max 1980 2619\napplication_clocks 1980 1980\ntemperature 34\n"
    "slowdown 89\npersistence 1\ncompute_mode 0\nnvlinks 18 18 0\nfabric 3 0\n"
    "pcie 5 16 5 16 0\n";

void read_line(const std::string& text);

void read_device_line(const std::string& key, std::istream& line, Device& last) {
    if (key == "status")
        line >> last.status;
    else if (key == "mig")
        last.mig = true;
    else if (key == "instance")
        read_instance(line, last);
    else if (key == "vbios")
        line >> last.vbios;
    else if (key == "hang")
        line >> last.hang_s;
    else
        read_numbers(key, line, last);
}

void read_line(const std::string& text) {
    std::istringstream line(text);
    std::string key;
    line >> key;
    if (key == "driver")
        line >> state.driver;
    else if (key == "cuda")
        line >> state.cuda;
    else if (key == "init")
        line >> state.init;
    else if (key == "process_directory")
        line >> state.process_directory;
    else if (key == "gpu")
        state.devices.push_back(read_device(line));
    else if (key == "hang" && state.devices.empty())
        line >> state.hang_s;
    else if (key == "healthy") {
        std::istringstream lines(healthy);
        for (std::string one; std::getline(lines, one);) read_line(one);
    } else if (!state.devices.empty() && !key.empty())
        read_device_line(key, line, state.devices.back());
}

}  // namespace

std::optional<unsigned long long> Device::reading(const std::string& key,
                                                  std::size_t position) const {
    const auto found = readings.find(key);
    if (found == readings.end() || position >= found->second.size()) return std::nullopt;
    return found->second[position];
}

std::vector<std::pair<unsigned, unsigned long long>> Device::processes() const {
    std::vector<std::pair<unsigned, unsigned long long>> all;
    for (std::size_t i = 0; reading("processes", i + 1); i += 2)
        all.emplace_back(static_cast<unsigned>(*reading("processes", i)),
                         *reading("processes", i + 1));
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(state.process_directory) / uuid, ignored)) {
        unsigned long long mib = 0;
        std::ifstream(entry.path()) >> mib;
        const int pid = std::atoi(entry.path().filename().c_str());
        if (pid > 0) all.emplace_back(static_cast<unsigned>(pid), mib);
    }
    return all;
}

void read_state() {
    state = {};
    const char* path = std::getenv("FAKE_NVML");
    std::ifstream file(path ? path : "");
    for (std::string text; std::getline(file, text);) read_line(text);
}

}  // namespace warpstep::test::fake_nvml
