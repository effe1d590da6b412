// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/collect/bus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "runtime/check/collect/files.hpp"

namespace warpstep::check {

namespace {

namespace fs = std::filesystem;

std::string pci_folder(const Sources& sources) {
    return sources.sys + "/bus/pci/devices/";
}

/// Display controllers and processing accelerators.
bool is_gpu(const std::string& folder) {
    if (line_of(folder + "/vendor") != "0x10de") return false;
    const std::string kind = line_of(folder + "/class").value_or("").substr(0, 6);
    return kind == "0x0300" || kind == "0x0302" || kind == "0x0380" || kind == "0x1200";
}

/// The name of the kernel driver that has the function, "" without one.
std::string driver_of(const std::string& folder) {
    std::error_code failed;
    const fs::path target = fs::read_symlink(folder + "/driver", failed);
    return failed ? "" : target.filename().string();
}

void add_driver_files(const Sources& sources, GpuFacts& gpu) {
    const auto text =
        text_of(fmt::format("{}/driver/nvidia/gpus/{}/information", sources.proc, gpu.pci));
    if (!text) return;
    const auto lines = colon_lines(*text);
    const auto value = [&](const char* key) { return variable(lines, key).value_or(""); };
    gpu.name = value("Model");
    // Question marks stand for a GPU that the driver has not looked at yet.
    if (value("GPU UUID").find('?') == std::string::npos) gpu.uuid = value("GPU UUID");
    if (value("Video BIOS").find('?') == std::string::npos) gpu.vbios = value("Video BIOS");
    if (const auto minor = number_in(value("Device Minor"))) gpu.minor = static_cast<int>(*minor);
}

}  // namespace

std::vector<GpuFacts> gpus_on_bus(const Sources& sources) {
    std::vector<GpuFacts> gpus;
    for (const std::string& pci : entries_of(pci_folder(sources))) {
        const std::string folder = pci_folder(sources) + pci;
        if (!is_gpu(folder)) continue;
        const std::string driver = driver_of(folder);
        if (!driver.empty() && driver != "nvidia") continue;
        GpuFacts gpu;
        gpu.pci = pci;
        gpu.numa = static_cast<int>(number_of(folder + "/numa_node").value_or(-1));
        gpu.near_cpus = line_of(folder + "/local_cpulist").value_or("");
        add_driver_files(sources, gpu);
        gpu.openable = device_file_opens(sources, gpu.minor);
        gpus.push_back(gpu);
    }
    return gpus;
}

bool nvidia_is_here(const Sources& sources) {
    if (!variable(sources.env, "WARPSTEP_NVML_LIBRARY").value_or("").empty()) return true;
    if (exists(sources.dev + "/nvidiactl") || exists(sources.proc + "/driver/nvidia")) return true;
    const auto all = entries_of(pci_folder(sources));
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& pci) { return is_gpu(pci_folder(sources) + pci); });
}

std::optional<bool> device_file_opens(const Sources& sources, int minor) {
    if (minor < 0) return std::nullopt;
    return openable(fmt::format("{}/nvidia{}", sources.dev, minor));
}

std::vector<std::string> folders_above(const Sources& sources, const std::string& pci) {
    std::vector<std::string> folders;
    std::error_code failed;
    fs::path folder = fs::canonical(pci_folder(sources) + pci, failed);
    while (!failed && topology::PciAddress::parse(folder.filename().string())) {
        folders.push_back(folder.string());
        folder = folder.parent_path();
    }
    return folders;
}

}  // namespace warpstep::check
