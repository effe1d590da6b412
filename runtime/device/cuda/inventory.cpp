// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/inventory.hpp"

#include <cuda_runtime_api.h>

#include <optional>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/device/cuda/check.hpp"

namespace warpstep::device::cuda {
namespace {

// CUDA says "driver version is insufficient" for a machine without any driver, too.
std::string driver_problem() {
    int driver = 0;
    int runtime = 0;
    if (!answered(cudaDriverGetVersion(&driver)) || driver == 0) {
        return "no NVIDIA driver is loaded";
    }
    ignore(cudaRuntimeGetVersion(&runtime));
    return fmt::format("the driver is for CUDA {}, this module needs {}", version_text(driver),
                       version_text(runtime));
}

// On failure CUDA leaves the count as it was.
int count_devices() {
    int count = 0;
    const cudaError_t code = cudaGetDeviceCount(&count);
    if (code == cudaSuccess && count > 0) return count;
    cudaGetLastError();
    switch (code) {
        case cudaErrorInsufficientDriver:
            fail<DeviceError>("no CUDA device: {}", driver_problem());
        case cudaSuccess:
        case cudaErrorNoDevice:
            fail<DeviceError>(
                "no CUDA device: the driver shows none (CUDA_VISIBLE_DEVICES or the step's GPUs)");
        default:
            fail<DeviceError>("no CUDA device: {}", describe(code));
    }
}

// A MIG slice has a UUID of its own, and its name says what it is: "NVIDIA H100 80GB HBM3 MIG
// 1g.10gb".
std::string uuid_text(const cudaDeviceProp& properties) {
    const std::string_view name(properties.name);
    std::string text = name.find(" MIG ") != std::string_view::npos ? "MIG" : "GPU";
    for (std::size_t i = 0; i < sizeof properties.uuid.bytes; ++i) {
        if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += fmt::format("{:02x}", static_cast<unsigned char>(properties.uuid.bytes[i]));
    }
    return text;
}

// Both attributes are 0 where the driver does not tell (some integrated and virtual GPUs). Memory
// transfers twice a clock.
std::optional<double> peak_memory_bandwidth(int ordinal) {
    int clock_khz = 0;
    int width_bits = 0;
    if (!answered(cudaDeviceGetAttribute(&clock_khz, cudaDevAttrMemoryClockRate, ordinal)) ||
        !answered(cudaDeviceGetAttribute(&width_bits, cudaDevAttrGlobalMemoryBusWidth, ordinal)) ||
        clock_khz <= 0 || width_bits <= 0) {
        return std::nullopt;
    }
    return 2.0 * clock_khz * 1e3 * width_bits / 8;
}

}  // namespace

std::string version_text(int version) {
    return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

Facts facts_of(int ordinal) {
    cudaDeviceProp properties{};
    WARPSTEP_CUDA_CHECK(cudaGetDeviceProperties(&properties, ordinal));
    Facts facts;
    facts.kind = Kind::cuda;
    facts.name = properties.name;
    facts.uuid = uuid_text(properties);
    facts.pci = fmt::format("{:04x}:{:02x}:{:02x}.0", properties.pciDomainID, properties.pciBusID,
                            properties.pciDeviceID);
    facts.memory_bytes = properties.totalGlobalMem;
    facts.sm_count = properties.multiProcessorCount;
    facts.peak_memory_bandwidth = peak_memory_bandwidth(ordinal);
    return facts;
}

std::vector<Facts> list_devices() {
    std::vector<Facts> devices;
    const int count = count_devices();
    for (int ordinal = 0; ordinal < count; ++ordinal) devices.push_back(facts_of(ordinal));
    return devices;
}

}  // namespace warpstep::device::cuda
