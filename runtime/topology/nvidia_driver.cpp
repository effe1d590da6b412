// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/nvidia_driver.hpp"

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <sstream>

#include "runtime/base/text.hpp"

namespace warpstep::topology {

namespace {

std::optional<int> parse_number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::string> information_of(const DriverFiles& files, const Gpu& gpu) {
    std::ifstream file(files.proc + "/gpus/" + show(gpu.pci) + "/information");
    std::stringstream text;
    if (!file || !(text << file.rdbuf())) return std::nullopt;
    return text.str();
}

/// The kernel asks the device cgroup for access(2) as for open(2), and access(2) wakes no GPU.
bool may_open(const DriverFiles& files, int minor) {
    const std::string device = files.dev + "/nvidia" + std::to_string(minor);
    return ::access(device.c_str(), R_OK | W_OK) == 0;
}

}  // namespace

std::optional<int> add_driver_information(std::string_view information, Gpu& gpu) {
    std::optional<int> minor;
    for (const std::string& line : split(information, '\n')) {
        const auto colon = line.find(':');
        if (colon == line.npos) continue;
        const std::string key = line.substr(0, colon);
        const std::string value(trim(std::string_view(line).substr(colon + 1)));
        if (key == "Model" && gpu.name.empty()) gpu.name = value;
        // Question marks stand for a GPU that the driver has not looked at yet.
        const bool known = value.find('?') == value.npos;
        if (key == "GPU UUID" && gpu.uuid.empty() && known) gpu.uuid = value;
        if (key == "Device Minor") minor = parse_number(value);
    }
    return minor;
}

void add_driver_information(const DriverFiles& files, std::vector<Gpu>& gpus) {
    std::vector<Gpu*> silent;
    bool any = false;
    for (Gpu& gpu : gpus) {
        if (gpu.vendor != nvidia_vendor) continue;
        const auto information = information_of(files, gpu);
        any = any || information;
        if (!information) {
            silent.push_back(&gpu);
        } else if (const auto minor = add_driver_information(*information, gpu)) {
            gpu.visible = may_open(files, *minor);
        }
    }
    // Bound to another driver, such as vfio-pci for a virtual machine.
    if (any)
        for (Gpu* gpu : silent) gpu->visible = false;
}

bool has_nvidia_driver(const DriverFiles& files) {
    return ::access((files.dev + "/nvidiactl").c_str(), F_OK) == 0;
}

}  // namespace warpstep::topology
