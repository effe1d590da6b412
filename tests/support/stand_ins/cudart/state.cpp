// SPDX-License-Identifier: Apache-2.0
// Devices, errors and versions.
#include "tests/support/stand_ins/cudart/state.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace stand_ins::cudart {
namespace {

thread_local cudaError_t last_error = cudaSuccess;
thread_local int current = 0;
std::atomic<bool> lost{false};

struct Text {
    cudaError_t code;
    const char* name;
    const char* text;
};

#define TEXT(code, text)  \
    Text {                \
        code, #code, text \
    }
constexpr Text texts[] = {
    TEXT(cudaSuccess, "no error"),
    TEXT(cudaErrorInvalidValue, "invalid argument"),
    TEXT(cudaErrorMemoryAllocation, "out of memory"),
    TEXT(cudaErrorInitializationError, "initialization error"),
    TEXT(cudaErrorInvalidConfiguration, "invalid configuration argument"),
    TEXT(cudaErrorInsufficientDriver,
         "CUDA driver version is insufficient for CUDA runtime version"),
    TEXT(cudaErrorInvalidDeviceFunction, "invalid device function"),
    TEXT(cudaErrorNoDevice, "no CUDA-capable device is detected"),
    TEXT(cudaErrorInvalidDevice, "invalid device ordinal"),
    TEXT(cudaErrorInvalidKernelImage, "device kernel image is invalid"),
    TEXT(cudaErrorNoKernelImageForDevice,
         "no kernel image is available for execution on the device"),
    TEXT(cudaErrorPeerAccessUnsupported, "peer access is not supported between these two devices"),
    TEXT(cudaErrorPeerAccessAlreadyEnabled, "peer access is already enabled"),
    TEXT(cudaErrorInvalidResourceHandle, "invalid resource handle"),
    TEXT(cudaErrorSymbolNotFound, "named symbol not found"),
    TEXT(cudaErrorNotReady, "device not ready"),
    TEXT(cudaErrorIllegalAddress, "an illegal memory access was encountered"),
    TEXT(cudaErrorLaunchFailure, "unspecified launch failure"),
    TEXT(cudaErrorDevicesUnavailable, "CUDA-capable device(s) is/are busy or unavailable"),
    TEXT(cudaErrorMapBufferObjectFailed, "mapping of buffer object failed"),
    TEXT(cudaErrorHardwareStackError, "hardware stack error"),
    TEXT(cudaErrorNotSupported, "operation not supported"),
    TEXT(cudaErrorStreamCaptureUnsupported, "operation not permitted when stream is capturing"),
    TEXT(cudaErrorStreamCaptureInvalidated,
         "operation failed due to a previous error during capture"),
    TEXT(cudaErrorStreamCaptureUnjoined, "capturing stream has unjoined work"),
    TEXT(cudaErrorGraphExecUpdateFailure,
         "the graph update was not performed because it included changes which violated "
         "constraints specific to instantiated graph update"),
    TEXT(cudaErrorUnknown, "unknown error"),
};
#undef TEXT

const Text& text_of(cudaError_t code) {
    for (const Text& text : texts) {
        if (text.code == code) return text;
    }
    return texts[sizeof texts / sizeof texts[0] - 1];
}

// CUDA_VISIBLE_DEVICES as numbers; an empty list hides all.
int visible_devices() {
    const int all = static_cast<int>(setting("STAND_IN_DEVICES", 2));
    const char* list = std::getenv("CUDA_VISIBLE_DEVICES");
    if (list == nullptr) return all;
    int count = *list == '\0' ? 0 : 1;
    for (const char* at = list; *at != '\0'; ++at) count += *at == ',' ? 1 : 0;
    return std::min(count, all);
}

// The place of a visible device among all of the node.
int physical(int device) {
    const char* list = std::getenv("CUDA_VISIBLE_DEVICES");
    if (list == nullptr) return device;
    for (int i = 0; i < device && list != nullptr; ++i) {
        list = std::strchr(list, ',');
        if (list != nullptr) ++list;
    }
    return list == nullptr ? device : std::atoi(list);
}

// Written at once, because a process may end in any way. Contexts stay until then.
void make_context(int device) {
    static std::mutex mutex;
    static std::set<int> made;
    const std::lock_guard lock(mutex);
    if (!made.insert(device).second) return;
    ++live_contexts;
    const char* list = std::getenv("STAND_IN_CONTEXTS");
    if (list == nullptr || *list == '\0') return;
    const std::string line =
        std::to_string(::getpid()) + " " + std::to_string(physical(device)) + "\n";
    const int file = ::open(list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0 || ::write(file, line.data(), line.size()) < 0) std::perror(list);
    if (file >= 0) ::close(file);
}

}  // namespace

std::atomic<int> live_memory{0}, live_streams{0}, live_events{0}, live_graphs{0}, live_libraries{0};
std::atomic<int> live_contexts{0};

cudaError_t told(cudaError_t code) {
    if (code != cudaSuccess) last_error = code;
    return code;
}

cudaError_t sticky() {
    return lost ? cudaErrorLaunchFailure : cudaSuccess;
}

void lose_gpu() {
    lost = true;
}

int device_count() {
    return visible_devices();
}

int current_device() {
    return current;
}

cudaError_t asked(const char* name, bool* hangs) {
    const int injected = failure_of(name);
    if (injected == hang && hangs != nullptr) {
        *hangs = true;
        return cudaSuccess;
    }
    if (injected > 0) return static_cast<cudaError_t>(injected);
    return sticky();
}

cudaError_t entry(const char* name, bool* hangs) {
    const cudaError_t code = asked(name, hangs);
    if (code == cudaSuccess) make_context(current);
    return code;
}

}  // namespace stand_ins::cudart

using namespace stand_ins;
using namespace stand_ins::cudart;

/// What the tests ask: "memory", "streams", "events", "graphs", "libraries", "contexts" that are
/// still there.
STAND_IN int stand_in_live(const char* kind) {
    const std::string name = kind;
    if (name == "memory") return live_memory;
    if (name == "streams") return live_streams;
    if (name == "events") return live_events;
    if (name == "graphs") return live_graphs;
    if (name == "libraries") return live_libraries;
    return name == "contexts" ? live_contexts.load() : -1;
}
/// Gives a lost GPU back.
STAND_IN void stand_in_recover() {
    lost = false;
    last_error = cudaSuccess;
}

STAND_IN const char* cudaGetErrorString(cudaError_t code) {
    return text_of(code).text;
}
STAND_IN const char* cudaGetErrorName(cudaError_t code) {
    return text_of(code).name;
}
STAND_IN cudaError_t cudaGetLastError() {
    const cudaError_t code = last_error;
    last_error = sticky();
    return code;
}
STAND_IN cudaError_t cudaPeekAtLastError() {
    return last_error;
}

STAND_IN cudaError_t cudaDriverGetVersion(int* version) {
    STAND_IN_QUESTION(cudaDriverGetVersion);
    *version = static_cast<int>(setting("STAND_IN_DRIVER", 13000));
    return cudaSuccess;
}
STAND_IN cudaError_t cudaRuntimeGetVersion(int* version) {
    STAND_IN_QUESTION(cudaRuntimeGetVersion);
    *version = CUDART_VERSION;
    return cudaSuccess;
}
STAND_IN cudaError_t cudaGetDeviceCount(int* count) {
    STAND_IN_QUESTION(cudaGetDeviceCount);
    // As the real one: the count stays as it was.
    if (setting("STAND_IN_DRIVER", 13000) < CUDART_VERSION)
        return told(cudaErrorInsufficientDriver);
    if (device_count() == 0) return told(cudaErrorNoDevice);
    *count = device_count();
    return cudaSuccess;
}
STAND_IN cudaError_t cudaGetDevice(int* device) {
    STAND_IN_QUESTION(cudaGetDevice);
    *device = current;
    return cudaSuccess;
}
STAND_IN cudaError_t cudaSetDevice(int device) {
    STAND_IN_QUESTION(cudaSetDevice);
    if (device < 0 || device >= device_count()) return told(cudaErrorInvalidDevice);
    current = device;
    make_context(device);
    return cudaSuccess;
}
STAND_IN cudaError_t cudaDeviceSynchronize() {
    STAND_IN_ENTRY(cudaDeviceSynchronize);
    wait_for_all_streams();
    return told(sticky());
}

STAND_IN cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
    STAND_IN_QUESTION(cudaGetDeviceProperties);
    if (device < 0 || device >= device_count()) return told(cudaErrorInvalidDevice);
    const int place = physical(device) + static_cast<int>(setting("STAND_IN_GPU_BASE", 0));
    *properties = {};
    const char* name = std::getenv("STAND_IN_NAME");
    std::snprintf(properties->name, sizeof properties->name, "%s",
                  name == nullptr ? "Stand-in GPU" : name);
    for (std::size_t i = 0; i < sizeof properties->uuid.bytes; ++i) {
        properties->uuid.bytes[i] = static_cast<char>(i == 0 ? place : 0x10 + i);
    }
    properties->totalGlobalMem = static_cast<std::size_t>(setting("STAND_IN_MEMORY", 1 << 30));
    properties->multiProcessorCount = 4;
    properties->pciBusID = 0x10 + place;
    properties->major = 9;
    properties->warpSize = 32;
    properties->maxThreadsPerBlock = 1024;
    properties->sharedMemPerBlock = 48 << 10;
    properties->sharedMemPerBlockOptin = 227 << 10;
    const int most[3] = {2147483647, 65535, 65535};
    const int most_threads[3] = {1024, 1024, 64};
    std::memcpy(properties->maxGridSize, most, sizeof most);
    std::memcpy(properties->maxThreadsDim, most_threads, sizeof most_threads);
    return cudaSuccess;
}

STAND_IN cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
    STAND_IN_QUESTION(cudaDeviceGetAttribute);
    cudaDeviceProp properties;
    if (const cudaError_t code = cudaGetDeviceProperties(&properties, device);
        code != cudaSuccess) {
        return code;
    }
    switch (attribute) {
        case cudaDevAttrMultiProcessorCount:
            *value = properties.multiProcessorCount;
            break;
        case cudaDevAttrMaxThreadsPerBlock:
            *value = properties.maxThreadsPerBlock;
            break;
        case cudaDevAttrMaxBlockDimX:
            *value = properties.maxThreadsDim[0];
            break;
        case cudaDevAttrMaxBlockDimY:
            *value = properties.maxThreadsDim[1];
            break;
        case cudaDevAttrMaxBlockDimZ:
            *value = properties.maxThreadsDim[2];
            break;
        case cudaDevAttrMaxGridDimX:
            *value = properties.maxGridSize[0];
            break;
        case cudaDevAttrMaxGridDimY:
            *value = properties.maxGridSize[1];
            break;
        case cudaDevAttrMaxGridDimZ:
            *value = properties.maxGridSize[2];
            break;
        case cudaDevAttrMaxSharedMemoryPerBlock:
            *value = static_cast<int>(properties.sharedMemPerBlock);
            break;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin:
            *value = static_cast<int>(properties.sharedMemPerBlockOptin);
            break;
        case cudaDevAttrComputeCapabilityMajor:
            *value = properties.major;
            break;
        case cudaDevAttrComputeCapabilityMinor:
            *value = properties.minor;
            break;
        case cudaDevAttrMemoryClockRate:
            *value = 2619000;
            break;
        case cudaDevAttrGlobalMemoryBusWidth:
            *value = 5120;
            break;
        case cudaDevAttrWarpSize:
            *value = 32;
            break;
        default:
            *value = 0;
    }
    return cudaSuccess;
}

STAND_IN cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
    STAND_IN_ENTRY(cudaDeviceGetStreamPriorityRange);
    *least = 0;
    *greatest = -5;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
    STAND_IN_QUESTION(cudaDeviceCanAccessPeer);
    const int count = device_count();
    if (device < 0 || device >= count || peer < 0 || peer >= count) {
        return told(cudaErrorInvalidDevice);
    }
    *can = device != peer && setting("STAND_IN_PEERS", 1) != 0 ? 1 : 0;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned) {
    STAND_IN_ENTRY(cudaDeviceEnablePeerAccess);
    static std::mutex mutex;
    static std::set<std::pair<int, int>> enabled;
    int can = 0;
    if (const cudaError_t code = cudaDeviceCanAccessPeer(&can, current, peer);
        code != cudaSuccess) {
        return code;
    }
    if (can == 0) return told(cudaErrorPeerAccessUnsupported);
    const std::lock_guard lock(mutex);
    return enabled.emplace(current, peer).second ? cudaSuccess
                                                 : told(cudaErrorPeerAccessAlreadyEnabled);
}
