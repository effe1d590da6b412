// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "runtime/topology/nvml.hpp"
#include "runtime/topology/nvml_library.hpp"

namespace warpstep::topology {

namespace {

using nvml::Device;
using nvml::Library;

constexpr unsigned near_a_node = 0;

template <typename Query>
std::string text_of(Query query, Device device) {
    std::array<char, 128> text{};
    if (!query || query(device, text.data(), text.size() - 1) != nvml::success) return "";
    return text.data();
}

std::uint64_t memory_of(const Library& library, Device device) {
    nvml::Memory memory{};
    if (!library.memory || library.memory(device, &memory) != nvml::success) return 0;
    return memory.total;
}

std::vector<int> memory_nodes_of(const Library& library, Device device) {
    constexpr unsigned bits = 8 * sizeof(unsigned long);
    std::array<unsigned long, 16> words{};
    std::vector<int> nodes;
    if (!library.memory_affinity ||
        library.memory_affinity(device, words.size(), words.data(), near_a_node) != nvml::success)
        return nodes;
    for (unsigned node = 0; node < words.size() * bits; ++node)
        if (words[node / bits] >> (node % bits) & 1) nodes.push_back(static_cast<int>(node));
    return nodes;
}

std::string instance_path(const Library& library, Device device) {
    unsigned gpu = 0, compute = 0;
    if (!library.gpu_instance_id || !library.compute_instance_id ||
        library.gpu_instance_id(device, &gpu) != nvml::success ||
        library.compute_instance_id(device, &compute) != nvml::success)
        return "";
    return fmt::format("{}/{}", gpu, compute);
}

bool in_mig_mode(const Library& library, Device device) {
    unsigned current = 0, pending = 0;
    return library.mig_mode && library.mig_count && library.mig_device &&
           library.mig_mode(device, &current, &pending) == nvml::success && current == 1;
}

std::vector<MigInstance> instances_of(const Library& library, Device device) {
    std::vector<MigInstance> instances;
    unsigned largest = 0;
    if (library.mig_count(device, &largest) != nvml::success) return instances;
    for (unsigned i = 0; i < largest; ++i) {
        Device part = nullptr;  // positions without an instance, or with a hidden one, are refused
        if (library.mig_device(device, i, &part) != nvml::success) continue;
        MigInstance instance;
        instance.uuid = text_of(library.uuid, part);
        instance.memory_bytes = memory_of(library, part);
        instance.path = instance_path(library, part);
        if (!instance.uuid.empty()) instances.push_back(instance);  // CUDA names it by this alone
    }
    return instances;
}

NvmlGpu read_gpu(const Library& library, Device device, const nvml::PciInfo& info) {
    NvmlGpu gpu;
    gpu.pci = {info.domain, info.bus, info.device, 0};
    gpu.name = text_of(library.name, device);
    gpu.uuid = text_of(library.uuid, device);
    gpu.serial = text_of(library.serial, device);
    gpu.memory_bytes = memory_of(library, device);
    gpu.memory_nodes = memory_nodes_of(library, device);
    gpu.mig = in_mig_mode(library, device);
    if (gpu.mig) gpu.instances = instances_of(library, device);
    return gpu;
}

void read_devices(const Library& library, NvmlReading& reading) {
    unsigned count = 0;
    if (const int status = library.device_count(&count); status != nvml::success) {
        reading.problem = library.explain(status);
        return;
    }
    for (unsigned i = 0; i < count; ++i) {
        Device device = nullptr;
        nvml::PciInfo info{};
        int status = library.device(i, &device);
        if (status == nvml::no_permission) continue;  // another step's
        if (status == nvml::success) status = library.pci_info(device, &info);
        if (status == nvml::success) reading.gpus.push_back(read_gpu(library, device, info));
        if (status != nvml::success)
            reading.notes.push_back(
                fmt::format("GPU {} does not answer: {}", i, library.explain(status)));
    }
}

}  // namespace

NvmlReading read_nvml(const std::string& path) {
    NvmlReading reading;
    const Library library(path);
    reading.problem = library.problem;
    if (!reading.problem.empty()) return reading;
    const int status =
        library.init_with_flags ? library.init_with_flags(nvml::init_no_gpus) : library.init();
    if (status != nvml::success) {
        reading.problem = library.explain(status);
        return reading;
    }
    std::array<char, 96> version{};
    if (library.driver_version &&
        library.driver_version(version.data(), version.size() - 1) == nvml::success)
        reading.driver = version.data();
    read_devices(library, reading);
    library.shutdown();
    return reading;
}

}  // namespace warpstep::topology
