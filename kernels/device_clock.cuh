// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime.h>

namespace warpstep::kernels::cuda {

/// Nanoseconds of a clock that all multiprocessors share; it advances in steps of about a
/// microsecond. Source: PTX ISA, special register %globaltimer.
__device__ inline unsigned long long device_nanoseconds() {
#if defined(__CUDA_ARCH__)
    unsigned long long now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    return now;
#else
    return static_cast<unsigned long long>(clock64());
#endif
}

/// Keeps the calling thread busy.
__device__ inline void spin_for(unsigned long long nanoseconds) {
    const unsigned long long begin = device_nanoseconds();
    while (device_nanoseconds() - begin < nanoseconds) {
    }
}

}  // namespace warpstep::kernels::cuda
