// SPDX-License-Identifier: Apache-2.0
// Runs one block of a CUDA kernel on one CPU thread: every CUDA thread is a fiber, which runs until
// it waits for the others (a barrier, an exchange inside its warp) or ends. Blocks run one after
// the other. Shared memory is thread-local, so two streams may run the same kernel at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>

#include <vector_types.h>

// Where the CUDA thread stands that runs on this CPU thread; set whenever a fiber gets its turn.
extern thread_local uint3 threadIdx, blockIdx;
extern thread_local dim3 blockDim, gridDim;

namespace warpstep::emulation {

constexpr int warp_size = 32;

/// Runs `body` once for every thread of every block. A program that would hang or be undefined on a
/// GPU (a barrier that not all threads reach, a warp operation whose lanes do not come) aborts with
/// a message that names kernel, block and thread.
void run_grid(const char* kernel, dim3 grid, dim3 block, const std::function<void()>& body);

/// __syncthreads().
void wait_for_block();
/// Waits for the lanes of `mask`, which must contain the caller's.
void wait_for_warp(unsigned mask);
int lane();

/// Every lane of `mask` puts in a value of up to 16 bytes and gets everybody's.
using Slot = std::array<std::byte, 16>;
const std::array<Slot, warp_size>& put_and_get(unsigned mask, const Slot& mine);

template <typename T>
T from_lane(unsigned mask, T value, int source) {
    static_assert(sizeof(T) <= sizeof(Slot) && std::is_trivially_copyable_v<T>);
    Slot mine{};
    std::memcpy(mine.data(), &value, sizeof value);
    const auto& all = put_and_get(mask, mine);
    T result;
    std::memcpy(&result, all[static_cast<std::size_t>(source)].data(), sizeof result);
    wait_for_warp(mask);
    return result;
}

}  // namespace warpstep::emulation
