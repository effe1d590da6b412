// SPDX-License-Identifier: Apache-2.0
// Stands in front of NVIDIA's cuda_runtime.h when kernels/*.cu are compiled as plain C++: the words
// of the language as far as our kernels use them, over tests/support/emulation/block.hpp. The
// functions of the runtime are the real header's; the stand-in libcudart executes them.
#pragma once

#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <math.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tests/support/emulation/block.hpp"
#include "tests/support/stand_ins/announce.hpp"

#undef __global__
#undef __device__
#undef __host__
#undef __shared__
#undef __constant__
#undef __launch_bounds__
#undef __forceinline__
#define __global__
#define __device__
#define __host__
#define __shared__ thread_local  // static inside a function, and extern where the kernel says so
#define __constant__ static
#define __launch_bounds__(...)
#define __forceinline__ inline

inline void __syncthreads() {
    ::warpstep::emulation::wait_for_block();
}
inline int __syncthreads_count(int predicate) {
    return ::warpstep::emulation::wait_for_block(predicate != 0).yes;
}
inline int __syncthreads_or(int predicate) {
    return __syncthreads_count(predicate) > 0 ? 1 : 0;
}
inline int __syncthreads_and(int predicate) {
    const auto votes = ::warpstep::emulation::wait_for_block(predicate != 0);
    return votes.yes == votes.threads ? 1 : 0;
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
    return ::warpstep::emulation::ballot(mask, predicate != 0);
}
inline int __any_sync(unsigned mask, int predicate) {
    return __ballot_sync(mask, predicate) != 0 ? 1 : 0;
}
inline int __all_sync(unsigned mask, int predicate) {
    return __ballot_sync(mask, predicate == 0) == 0 ? 1 : 0;
}
inline void __syncwarp(unsigned mask = 0xffffffffU) {
    ::warpstep::emulation::wait_for_warp(mask);
}
inline void __threadfence() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
    const int lane = ::warpstep::emulation::lane();
    return ::warpstep::emulation::from_lane(mask, value, lane / width * width + source % width);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
    const int lane = ::warpstep::emulation::lane();
    const int source = lane ^ lanes;
    return ::warpstep::emulation::from_lane(mask, value,
                                            source / width > lane / width ? lane : source);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const int lane = ::warpstep::emulation::lane();
    const int source = lane + static_cast<int>(delta);
    return ::warpstep::emulation::from_lane(mask, value,
                                            source / width > lane / width ? lane : source);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const int lane = ::warpstep::emulation::lane();
    const int source = lane - static_cast<int>(delta);
    return ::warpstep::emulation::from_lane(mask, value,
                                            source < lane / width * width ? lane : source);
}

template <typename T>
T atomicAdd(T* place, std::type_identity_t<T> value) {
    std::atomic_ref<T> at(*place);
    T old = at.load();
    while (!at.compare_exchange_weak(old, static_cast<T>(old + value))) {
    }
    return old;
}
template <typename T>
T atomicMin(T* place, std::type_identity_t<T> value) {
    std::atomic_ref<T> at(*place);
    T old = at.load();
    while (value < old && !at.compare_exchange_weak(old, value)) {
    }
    return old;
}
template <typename T>
T atomicMax(T* place, std::type_identity_t<T> value) {
    std::atomic_ref<T> at(*place);
    T old = at.load();
    while (old < value && !at.compare_exchange_weak(old, value)) {
    }
    return old;
}
template <typename T>
T atomicOr(T* place, std::type_identity_t<T> value) {
    return std::atomic_ref<T>(*place).fetch_or(value);
}
template <typename T>
T atomicXor(T* place, std::type_identity_t<T> value) {
    return std::atomic_ref<T>(*place).fetch_xor(value);
}

template <typename T>
T __ldg(const T* place) {
    return *place;
}
template <typename T>
T __ldcs(const T* place) {
    return *place;
}
template <typename T>
void __stcs(T* place, T value) {
    *place = value;
}
template <typename T>
T __ldcg(const T* place) {
    return *place;
}
template <typename T>
T atomicExch(T* place, std::type_identity_t<T> value) {
    return std::atomic_ref<T>(*place).exchange(value);
}
template <typename T>
T atomicCAS(T* place, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
    std::atomic_ref<T>(*place).compare_exchange_strong(expected, value);
    return expected;
}
inline int __popc(unsigned bits) {
    return __builtin_popcount(bits);
}
inline int __popcll(unsigned long long bits) {
    return __builtin_popcountll(bits);
}
inline int __ffs(int bits) {
    return __builtin_ffs(bits);
}
inline void __nanosleep(unsigned) {}
inline long long clock64() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}
#define WARPSTEP_READ_GLOBAL_TIMER(nanoseconds) \
    (nanoseconds) = static_cast<unsigned long long>(clock64())

template <typename T>
constexpr T min(T a, T b) {
    return b < a ? b : a;
}
template <typename T>
constexpr T max(T a, T b) {
    return a < b ? b : a;
}

namespace warpstep::emulation {

template <typename Kernel>
struct Caller;

template <typename... Parameters>
struct Caller<void (*)(Parameters...)> {
    static constexpr std::size_t count = sizeof...(Parameters);
    static constexpr std::size_t bytes[count + 1] = {sizeof(Parameters)..., 0};
    static void call(void (*kernel)(Parameters...), void** arguments) {
        call(kernel, arguments, std::index_sequence_for<Parameters...>{});
    }

  private:
    template <std::size_t... i>
    static void call(void (*kernel)(Parameters...), [[maybe_unused]] void** arguments,
                     std::index_sequence<i...>) {
        kernel(*static_cast<std::remove_cv_t<Parameters>*>(arguments[i])...);
    }
};

template <auto kernel>
const char* name_of() {
    Dl_info info{};
    const auto* address = reinterpret_cast<const void*>(kernel);
    return ::dladdr(address, &info) != 0 && info.dli_sname != nullptr ? info.dli_sname : "kernel";
}

template <auto kernel>
void run_kernel(const stand_ins::KernelLaunch& launch) {
    const dim3 grid(launch.grid[0], launch.grid[1], launch.grid[2]);
    const dim3 block(launch.block[0], launch.block[1], launch.block[2]);
    run_grid(name_of<kernel>(), grid, block, launch.shared_bytes,
             [&] { Caller<decltype(kernel)>::call(kernel, launch.arguments); });
}

/// Announces a kernel when its library is loaded.
template <auto kernel>
struct Announced {
    static inline const bool registrar = [] {
        stand_in_announce_kernel(reinterpret_cast<const void*>(kernel), name_of<kernel>(),
                                 run_kernel<kernel>, Caller<decltype(kernel)>::bytes,
                                 Caller<decltype(kernel)>::count);
        return true;
    }();
};

}  // namespace warpstep::emulation

#define WARPSTEP_ANNOUNCE_KERNEL(kernel) \
    static_cast<void>(&::warpstep::emulation::Announced<kernel>::registrar)

template <typename... Parameters, typename... Values>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Values&&... values) {
    std::tuple<std::remove_cv_t<Parameters>...> held(std::forward<Values>(values)...);
    return std::apply(
        [&](auto&... each) {
            void* arguments[] = {&each..., nullptr};
            return cudaLaunchKernelExC(config, reinterpret_cast<const void*>(kernel), arguments);
        },
        held);
}

template <typename Kernel>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Kernel kernel, int threads,
                                                          std::size_t shared_bytes) {
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        blocks, reinterpret_cast<const void*>(kernel), threads, shared_bytes);
}
