// SPDX-License-Identifier: Apache-2.0
// The calls of CUB that our kernels make, with its rules: asked without memory it tells how much it
// wants, and the work is asynchronous on the stream.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <type_traits>
#include <utility>

namespace warpstep::emulation {

/// Runs `body` on the stream. A graph runs it again, and nobody tells when it has done so for the
/// last time, so it is kept.
inline cudaError_t on_stream(cudaStream_t stream, std::function<void()> body) {
    static std::mutex mutex;
    static std::deque<std::function<void()>> kept;
    std::function<void()>* held = nullptr;
    {
        const std::lock_guard lock(mutex);
        held = &kept.emplace_back(std::move(body));
    }
    const auto call = [](void* data) { (*static_cast<std::function<void()>*>(data))(); };
    return cudaLaunchHostFunc(stream, call, held);
}

constexpr std::size_t cub_scratch = 767;  ///< an odd size, as CUB's are

template <typename T>
T add(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
        return a + b;
    } else {
        using U = std::make_unsigned_t<T>;
        return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
    }
}

template <typename T>
cudaError_t scan(void* scratch, std::size_t& bytes, const T* in, T* out, std::int64_t n,
                 bool inclusive, cudaStream_t stream) {
    if (scratch == nullptr) {
        bytes = cub_scratch;
        return cudaSuccess;
    }
    if (bytes < cub_scratch) return cudaErrorInvalidValue;
    return on_stream(stream, [=] {
        // All of the scratch memory may be written.
        static_cast<unsigned char*>(scratch)[cub_scratch - 1] = 1;
        T sum{0};
        for (std::int64_t i = 0; i < n; ++i) {
            const T next = add(sum, in[i]);
            out[i] = inclusive ? next : sum;
            sum = next;
        }
    });
}

}  // namespace warpstep::emulation

namespace cub {

struct DeviceScan {
    template <typename T>
    static cudaError_t InclusiveSum(void* scratch, std::size_t& bytes, const T* in, T* out,
                                    std::int64_t n, cudaStream_t stream) {
        return ::warpstep::emulation::scan(scratch, bytes, in, out, n, true, stream);
    }
    template <typename T>
    static cudaError_t ExclusiveSum(void* scratch, std::size_t& bytes, const T* in, T* out,
                                    std::int64_t n, cudaStream_t stream) {
        return ::warpstep::emulation::scan(scratch, bytes, in, out, n, false, stream);
    }
};

}  // namespace cub
