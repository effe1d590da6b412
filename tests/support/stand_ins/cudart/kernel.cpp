// SPDX-License-Identifier: Apache-2.0
// Kernels: those of the module by their address or mangled name, those of users by their plain name
// in an image that was loaded.
#include <cuda.h>

#include <cstring>
#include <map>
#include <string>

#include "tests/support/stand_ins/announce.hpp"
#include "tests/support/stand_ins/cudart/state.hpp"

namespace stand_ins::cudart {
namespace {

using warpstep::stand_ins::KernelBody;
using warpstep::stand_ins::KernelLaunch;

struct Kernel {
    KernelBody body = nullptr;
    std::vector<std::size_t> bytes;  ///< of its parameters
};

struct Library {
    std::string image;
};
/// What a cudaKernel_t points to.
struct LoadedKernel {
    Library* library;
    std::string name;
    Kernel kernel;
    int shared_limit = 48 << 10;
};

std::mutex mutex;
std::map<const void*, Kernel>& by_address() {
    static auto* kernels = new std::map<const void*, Kernel>;
    return *kernels;
}
std::map<std::string, Kernel>& by_name() {
    static auto* kernels = new std::map<std::string, Kernel>;
    return *kernels;
}
/// Functions that a module compiled by nvcc has registered, by the address of their host stub.
std::map<const void*, std::string>& registered() {
    static auto* names = new std::map<const void*, std::string>;
    return *names;
}
std::map<const void*, LoadedKernel*>& loaded() {
    static auto* kernels = new std::map<const void*, LoadedKernel*>;
    return *kernels;
}

const Kernel* find(const void* function) {
    if (const auto it = loaded().find(function); it != loaded().end()) return &it->second->kernel;
    if (const auto it = by_address().find(function); it != by_address().end()) return &it->second;
    const auto name = registered().find(function);
    if (name == registered().end()) return nullptr;
    const auto it = by_name().find(name->second);
    return it == by_name().end() ? nullptr : &it->second;
}

bool fits(const cudaLaunchConfig_t& config, int shared_limit) {
    const dim3 block = config.blockDim;
    const dim3 grid = config.gridDim;
    const std::size_t threads = std::size_t{block.x} * block.y * block.z;
    return threads >= 1 && threads <= 1024 && block.z <= 64 && grid.x >= 1 &&
           grid.x <= 2147483647U && grid.y >= 1 && grid.y <= 65535 && grid.z >= 1 &&
           grid.z <= 65535 && config.dynamicSmemBytes <= static_cast<std::size_t>(shared_limit);
}

cudaError_t launch(const cudaLaunchConfig_t& config, const void* function, void** arguments) {
    Kernel kernel;
    int shared_limit = 48 << 10;
    {
        const std::lock_guard lock(mutex);
        const Kernel* found = find(function);
        if (found == nullptr) return cudaErrorInvalidDeviceFunction;
        kernel = *found;
        const auto it = loaded().find(function);
        if (it != loaded().end()) shared_limit = it->second->shared_limit;
    }
    if (!fits(config, shared_limit)) return cudaErrorInvalidConfiguration;
    // Arguments are copied at the launch, each at an address of its own.
    std::vector<std::vector<char>> copies;
    for (std::size_t i = 0; i < kernel.bytes.size(); ++i) {
        const char* from = static_cast<const char*>(arguments[i]);
        copies.emplace_back(from, from + kernel.bytes[i]);
    }
    const dim3 grid = config.gridDim;
    const dim3 block = config.blockDim;
    const std::size_t shared = config.dynamicSmemBytes;
    return submit(config.stream, kernel_node, [kernel, copies, grid, block, shared]() mutable {
        std::vector<void*> values;
        for (auto& copy : copies) values.push_back(copy.data());
        kernel.body({{grid.x, grid.y, grid.z}, {block.x, block.y, block.z}, shared, values.data()});
    });
}

// Of the driver: CUresult cuKernelGetParamInfo(CUkernel, size_t, size_t*, size_t*).
CUresult kernel_parameter(void* handle, std::size_t index, std::size_t* offset, std::size_t* size) {
    const std::lock_guard lock(mutex);
    const auto it = loaded().find(handle);
    if (it == loaded().end()) return CUDA_ERROR_INVALID_HANDLE;
    const auto& bytes = it->second->kernel.bytes;
    if (index >= bytes.size()) return CUDA_ERROR_INVALID_VALUE;
    std::size_t at = 0;
    for (std::size_t i = 0; i <= index; ++i) {
        at = (at + bytes[i] - 1) / bytes[i] * bytes[i];
        if (i < index) at += bytes[i];
    }
    *offset = at;
    if (size != nullptr) *size = bytes[index];
    return CUDA_SUCCESS;
}

}  // namespace
}  // namespace stand_ins::cudart

using namespace stand_ins;
using namespace stand_ins::cudart;

STAND_IN void stand_in_announce_kernel(const void* function, const char* name, KernelBody body,
                                       const std::size_t* parameter_bytes, std::size_t parameters) {
    const std::lock_guard lock(mutex);
    const Kernel kernel{body, {parameter_bytes, parameter_bytes + parameters}};
    by_address()[function] = kernel;
    by_name()[name] = kernel;
}

STAND_IN cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* function,
                                         void** arguments) {
    bool hangs = false;
    if (const cudaError_t code = entry("cudaLaunchKernelExC", &hangs); code != cudaSuccess) {
        return told(code);
    }
    // A GPU that falls off the bus is noticed by what comes after.
    if (failure_of("lost") != 0) lose_gpu();
    if (hangs) {
        if (Stream* stream = find_stream(config->stream)) stream->stall();
        return cudaSuccess;
    }
    return told(launch(*config, function, arguments));
}

STAND_IN cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments,
                                      std::size_t shared_bytes, cudaStream_t stream) {
    cudaLaunchConfig_t config{};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = shared_bytes;
    config.stream = stream;
    return cudaLaunchKernelExC(&config, function, arguments);
}

STAND_IN cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks,
                                                                   const void* function,
                                                                   int threads, std::size_t) {
    STAND_IN_ENTRY(cudaOccupancyMaxActiveBlocksPerMultiprocessor);
    const std::lock_guard lock(mutex);
    if (find(function) == nullptr) return told(cudaErrorInvalidDeviceFunction);
    *blocks = threads > 0 ? std::max(1, 512 / threads) : 1;
    return cudaSuccess;
}
STAND_IN cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int* blocks, const void* function, int threads, std::size_t shared_bytes, unsigned) {
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, shared_bytes);
}

STAND_IN cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
    STAND_IN_ENTRY(cudaFuncGetAttributes);
    const std::lock_guard lock(mutex);
    *attributes = {};
    attributes->maxThreadsPerBlock = 1024;
    attributes->numRegs = 32;
    attributes->ptxVersion = attributes->binaryVersion = 90;
    attributes->maxDynamicSharedSizeBytes = 48 << 10;
    return find(function) == nullptr ? told(cudaErrorInvalidDeviceFunction) : cudaSuccess;
}

STAND_IN cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute,
                                          int value) {
    STAND_IN_ENTRY(cudaFuncSetAttribute);
    const std::lock_guard lock(mutex);
    if (find(function) == nullptr) return told(cudaErrorInvalidDeviceFunction);
    if (attribute == cudaFuncAttributeMaxDynamicSharedMemorySize) {
        if (value > 227 << 10) return told(cudaErrorInvalidValue);
        if (const auto it = loaded().find(function); it != loaded().end()) {
            it->second->shared_limit = value;
        }
    }
    return cudaSuccess;
}

// Images: nothing of them is executed, their names lead to what was announced.

STAND_IN cudaError_t cudaLibraryLoadData(cudaLibrary_t* library, const void* code, cudaJitOption*,
                                         void**, unsigned, cudaLibraryOption*, void**, unsigned) {
    STAND_IN_ENTRY(cudaLibraryLoadData);
    // ELF (cubin), text (PTX) or a fatbin's magic; anything else is no image.
    const auto* bytes = static_cast<const unsigned char*>(code);
    const bool elf = std::memcmp(bytes, "\177ELF", 4) == 0;
    const bool fatbin =
        bytes[0] == 0x50 && bytes[1] == 0xed && bytes[2] == 0x55 && bytes[3] == 0xba;
    const bool text = bytes[0] == '/' || bytes[0] == '.' || bytes[0] == '\n';
    if (!elf && !fatbin && !text) return told(cudaErrorInvalidKernelImage);
    *library = reinterpret_cast<cudaLibrary_t>(new Library);
    ++live_libraries;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaLibraryGetKernel(cudaKernel_t* result, cudaLibrary_t library,
                                          const char* name) {
    STAND_IN_ENTRY(cudaLibraryGetKernel);
    const std::lock_guard lock(mutex);
    const auto found = by_name().find(name);
    if (found == by_name().end()) return told(cudaErrorSymbolNotFound);
    auto* kernel = new LoadedKernel{reinterpret_cast<Library*>(library), name, found->second};
    loaded()[kernel] = kernel;
    *result = reinterpret_cast<cudaKernel_t>(kernel);
    return cudaSuccess;
}

STAND_IN cudaError_t cudaLibraryUnload(cudaLibrary_t handle) {
    wait_for_all_streams();
    const std::lock_guard lock(mutex);
    auto* library = reinterpret_cast<Library*>(handle);
    for (auto it = loaded().begin(); it != loaded().end();) {
        if (it->second->library != library) {
            ++it;
            continue;
        }
        delete it->second;
        it = loaded().erase(it);
    }
    delete library;
    --live_libraries;
    return told(sticky());
}

STAND_IN cudaError_t cudaLibraryGetKernelCount(unsigned* count, cudaLibrary_t) {
    STAND_IN_ENTRY(cudaLibraryGetKernelCount);
    *count = 0;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaKernelSetAttributeForDevice(cudaKernel_t kernel,
                                                     cudaFuncAttribute attribute, int value, int) {
    STAND_IN_ENTRY(cudaKernelSetAttributeForDevice);
    return cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}

STAND_IN cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned,
                                                      unsigned long long,
                                                      cudaDriverEntryPointQueryResult* result) {
    STAND_IN_ENTRY(cudaGetDriverEntryPointByVersion);
    const bool known = std::strcmp(symbol, "cuKernelGetParamInfo") == 0;
    *function = known ? reinterpret_cast<void*>(kernel_parameter) : nullptr;
    if (result != nullptr) {
        *result = known ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
    }
    return cudaSuccess;
}

// What a module compiled by nvcc calls when it is loaded.

STAND_IN void** __cudaRegisterFatBinary(void*) {
    static void* handle = nullptr;
    return &handle;
}
STAND_IN void __cudaRegisterFatBinaryEnd(void**) {}
STAND_IN void __cudaUnregisterFatBinary(void**) {}
STAND_IN void __cudaRegisterFunction(void**, const char* host, char*, const char* name, int, uint3*,
                                     uint3*, dim3*, dim3*, int*) {
    const std::lock_guard lock(mutex);
    registered()[host] = name;
}
STAND_IN void __cudaRegisterVar(void**, char*, char*, const char*, int, std::size_t, int, int) {}
STAND_IN char __cudaInitModule(void**) {
    return 1;
}
STAND_IN cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* function) {
    *kernel = reinterpret_cast<cudaKernel_t>(const_cast<void*>(function));
    return cudaSuccess;
}
STAND_IN cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block,
                                        void** arguments, std::size_t shared_bytes,
                                        cudaStream_t stream) {
    return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments,
                            shared_bytes, stream);
}

namespace {
thread_local cudaLaunchConfig_t pushed{};
}  // namespace

STAND_IN unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, std::size_t shared_bytes,
                                              CUstream_st* stream) {
    pushed = {};
    pushed.gridDim = grid;
    pushed.blockDim = block;
    pushed.dynamicSmemBytes = shared_bytes;
    pushed.stream = stream;
    return 0;
}
STAND_IN cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, std::size_t* shared_bytes,
                                                void* stream) {
    *grid = pushed.gridDim;
    *block = pushed.blockDim;
    *shared_bytes = pushed.dynamicSmemBytes;
    *static_cast<cudaStream_t*>(stream) = pushed.stream;
    return cudaSuccess;
}
