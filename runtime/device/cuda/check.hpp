// SPDX-License-Identifier: Apache-2.0
// The one way a CUDA error becomes a DeviceError.
#pragma once

#include <driver_types.h>

#include <string>

namespace warpstep::device::cuda {

/// Errors: DeviceError with CUDA's text, the code's name, the function called, its place, and the
/// UUID of the GPU that is current.
[[noreturn]] void throw_cuda(cudaError_t code, const char* expression, const char* file, int line);
/// The same for what belongs to the device `ordinal`, whichever is current.
[[noreturn]] void throw_cuda_on(int ordinal, cudaError_t code, const char* expression,
                                const char* file, int line);

/// "out of memory (cudaErrorMemoryAllocation)".
std::string describe(cudaError_t code);

/// For destructors: frees that come after CUDA's own end, or after a failure that was reported
/// already, are no news.
void ignore(cudaError_t code) noexcept;

/// For questions that may stay unanswered: whether CUDA answered. A refusal is forgotten, so that
/// no library that asks for the last error takes it for its own.
bool answered(cudaError_t code) noexcept;

}  // namespace warpstep::device::cuda

#define WARPSTEP_CUDA_CHECK(expression)                                                   \
    do {                                                                                  \
        if (const cudaError_t code_ = (expression); code_ != cudaSuccess) {               \
            ::warpstep::device::cuda::throw_cuda(code_, #expression, __FILE__, __LINE__); \
        }                                                                                 \
    } while (false)

/// For calls on what belongs to a device that need not be the current one.
#define WARPSTEP_CUDA_CHECK_ON(ordinal, expression)                                          \
    do {                                                                                     \
        if (const cudaError_t code_ = (expression); code_ != cudaSuccess) {                  \
            ::warpstep::device::cuda::throw_cuda_on((ordinal), code_, #expression, __FILE__, \
                                                    __LINE__);                               \
        }                                                                                    \
    } while (false)
