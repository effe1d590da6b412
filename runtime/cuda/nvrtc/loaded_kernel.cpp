// SPDX-License-Identifier: Apache-2.0
#include "runtime/cuda/nvrtc/loaded_kernel.hpp"

#include <cuda.h>

#include <array>

#include "kernels/launch_limits.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::device::nvrtc {
namespace {

// Errors that are the image's rather than the device's. Loading may be lazy, so that any of the
// first calls can tell them.
void check_image(cudaError_t code, const std::string& entry, const char* expression,
                 std::string_view log) {
    const std::string why =
        cuda::describe(code) + (trim(log).empty() ? "" : fmt::format(": {}", trim(log)));
    switch (code) {
        case cudaSuccess:
            return;
        case cudaErrorSymbolNotFound:
            cudaGetLastError();
            fail<ConfigError>("no kernel '{}' in the image ({}); correct 'entry'", entry, why);
        case cudaErrorNoKernelImageForDevice:
        case cudaErrorInvalidKernelImage:
        case cudaErrorInvalidPtx:
        case cudaErrorInvalidSource:
            cudaGetLastError();
            fail<ConfigError>("the image cannot be loaded ({}); compile it for this GPU", why);
        case cudaErrorUnsupportedPtxVersion:
        case cudaErrorJitCompilerNotFound:
            cudaGetLastError();
            fail<ConfigError>(
                "the PTX cannot be compiled by this driver ({}); compile it with an older toolkit, "
                "or to a cubin",
                why);
        default:
            cuda::throw_cuda(code, expression, __FILE__, __LINE__);
    }
}

}  // namespace

LoadedFunction::LoadedFunction(int ordinal, const std::string& image, const std::string& entry)
    : ordinal_(ordinal) {
    const cuda::CurrentDevice current(ordinal);
    std::array<char, 4096> log{};
    std::array<cudaJitOption, 2> options{cudaJitErrorLogBuffer, cudaJitErrorLogBufferSizeBytes};
    std::array<void*, 2> values{log.data(), reinterpret_cast<void*>(log.size() - 1)};
    check_image(cudaLibraryLoadData(&library_, image.c_str(), options.data(), values.data(),
                                    options.size(), nullptr, nullptr, 0),
                entry, "cudaLibraryLoadData", log.data());
    try {
        check_image(cudaLibraryGetKernel(&kernel_, library_, entry.c_str()), entry,
                    "cudaLibraryGetKernel", "");
        check_image(cudaFuncGetAttributes(&attributes_, kernel_), entry, "cudaFuncGetAttributes",
                    "");
    } catch (...) {
        cuda::ignore(cudaLibraryUnload(library_));
        throw;
    }
    shared_allowed_ = static_cast<std::size_t>(attributes_.maxDynamicSharedSizeBytes);
}

LoadedFunction::~LoadedFunction() {
    cuda::ignore(cudaLibraryUnload(library_));
}

std::optional<std::vector<kernels::ParameterSlot>> LoadedFunction::parameters() const {
    constexpr unsigned since = 12040;
    void* entry = nullptr;
    cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
    const cudaError_t code = cudaGetDriverEntryPointByVersion("cuKernelGetParamInfo", &entry, since,
                                                              cudaEnableDefault, &found);
    if (code != cudaSuccess || found != cudaDriverEntryPointSuccess || entry == nullptr) {
        cudaGetLastError();
        return std::nullopt;
    }
    const auto get = reinterpret_cast<decltype(&cuKernelGetParamInfo)>(entry);
    std::vector<kernels::ParameterSlot> slots;
    for (kernels::ParameterSlot slot;; slots.push_back(slot)) {
        const CUresult answer =
            get(reinterpret_cast<CUkernel>(kernel_), slots.size(), &slot.offset, &slot.bytes);
        if (answer == CUDA_ERROR_INVALID_VALUE) return slots;  // one beyond the last
        if (answer != CUDA_SUCCESS) return std::nullopt;
    }
}

int LoadedFunction::limit(cudaDeviceAttr attribute) const {
    int value = 0;
    WARPSTEP_CUDA_CHECK(cudaDeviceGetAttribute(&value, attribute, ordinal_));
    return value;
}

void LoadedFunction::check(const kernels::LaunchShape& shape) const {
    const auto most = [this](cudaDeviceAttr attribute) {
        return static_cast<std::uint32_t>(limit(attribute));
    };
    kernels::LaunchLimits limits;
    limits.block = {most(cudaDevAttrMaxBlockDimX), most(cudaDevAttrMaxBlockDimY),
                    most(cudaDevAttrMaxBlockDimZ)};
    limits.grid = {most(cudaDevAttrMaxGridDimX), most(cudaDevAttrMaxGridDimY),
                   most(cudaDevAttrMaxGridDimZ)};
    limits.threads_of_block = static_cast<std::uint64_t>(attributes_.maxThreadsPerBlock);
    limits.registers = attributes_.numRegs;
    limits.shared_of_block = most(cudaDevAttrMaxSharedMemoryPerBlockOptin);
    limits.shared_of_kernel = attributes_.sharedSizeBytes;
    kernels::check_launch(shape, limits);
}

void LoadedFunction::launch(const kernels::LaunchShape& shape, const std::vector<void*>& values,
                            Stream& stream) {
    if (shape.shared_bytes > shared_allowed_) {
        WARPSTEP_CUDA_CHECK(
            cudaKernelSetAttributeForDevice(kernel_, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                            static_cast<int>(shape.shared_bytes), ordinal_));
        shared_allowed_ = shape.shared_bytes;
    }
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(shape.grid[0], shape.grid[1], shape.grid[2]);
    config.blockDim = dim3(shape.block[0], shape.block[1], shape.block[2]);
    config.dynamicSmemBytes = shape.shared_bytes;
    config.stream = static_cast<cudaStream_t>(stream.native());
    // CUDA reads the list only.
    WARPSTEP_CUDA_CHECK(cudaLaunchKernelExC(&config, kernel_, const_cast<void**>(values.data())));
}

std::string arch_of(int ordinal) {
    int major = 0, minor = 0;
    WARPSTEP_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, ordinal));
    WARPSTEP_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, ordinal));
    return fmt::format("sm_{}{}", major, minor);
}

}  // namespace warpstep::device::nvrtc
