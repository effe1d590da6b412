// SPDX-License-Identifier: Apache-2.0
// Runs one block of a CUDA kernel on one CPU thread: every CUDA thread is a fiber, which runs until
// it waits for the others (a barrier, an exchange inside its warp) or ends. Blocks run one after
// the other. Shared memory is thread-local, so two streams may run the same kernel at once; unlike
// on a GPU it still holds what the block before has left.
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
void run_grid(const char* kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
              const std::function<void()>& body);

/// __syncthreads(), and how many threads of the block waited and brought true.
struct Votes {
    int threads = 0, yes = 0;
};
Votes wait_for_block(bool vote = false);
/// Waits for the lanes of `mask`, which must contain the caller's.
void wait_for_warp(unsigned mask);
int lane();

/// Every lane of `mask` puts in a value of up to 16 bytes and gets everybody's; they stay until the
/// caller waits again.
using Slot = std::array<std::byte, 16>;
const std::array<Slot, warp_size>& put_and_get(unsigned mask, const Slot& mine);
/// Aborts: the lane is not in the mask.
void check_source(unsigned mask, int source);

template <typename T>
T from_lane(unsigned mask, T value, int source) {
    static_assert(sizeof(T) <= sizeof(Slot) && std::is_trivially_copyable_v<T>);
    check_source(mask, source);
    Slot mine{};
    std::memcpy(mine.data(), &value, sizeof value);
    const auto& all = put_and_get(mask, mine);
    T result;
    std::memcpy(&result, all[static_cast<std::size_t>(source)].data(), sizeof result);
    return result;
}

/// The lanes of the mask whose vote is true.
unsigned ballot(unsigned mask, bool vote);

}  // namespace warpstep::emulation

namespace warpstep::kernels::cuda {
/// What a kernel means by `extern __shared__ unsigned char dynamic_shared[];`, the one name that
/// the emulation knows. AddressSanitizer watches its end.
extern thread_local unsigned char dynamic_shared[];
}  // namespace warpstep::kernels::cuda
