// SPDX-License-Identifier: Apache-2.0
// CUB's single-pass scan reads and writes every element once; there is nothing to win over it.
#include <cub/device/device_scan.cuh>
#include <type_traits>

#include "kernels/arguments.hpp"
#include "kernels/check.hpp"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

template <typename T>
cudaError_t scan_with(void* scratch, std::size_t& bytes, bool inclusive, const T* x, T* result,
                      std::int64_t n, cudaStream_t stream) {
    return inclusive ? cub::DeviceScan::InclusiveSum(scratch, bytes, x, result, n, stream)
                     : cub::DeviceScan::ExclusiveSum(scratch, bytes, x, result, n, stream);
}

void scan(const Arguments& arguments, Plan& plan) {
    const Argument& x = arguments.buffer("x");
    if (x.count == 0) return;
    const bool inclusive = arguments.word("kind") == "inclusive";
    with_computable(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        // Sums of integers wrap around, which only unsigned ones may.
        using U = typename std::conditional_t<std::is_floating_point_v<T>, std::type_identity<T>,
                                              std::make_unsigned<T>>::type;
        const auto* from = static_cast<const U*>(x.data);
        auto* to = static_cast<U*>(arguments.buffer("y").data);
        const std::int64_t n = x.count;
        std::size_t bytes = 0;
        WARPSTEP_CUDA_CHECK(scan_with(nullptr, bytes, inclusive, from, to, n, nullptr));
        void* scratch = plan.scratch(bytes);
        plan.call([=](cudaStream_t stream) {
            std::size_t size = bytes;
            WARPSTEP_CUDA_CHECK(scan_with(scratch, size, inclusive, from, to, n, stream));
        });
    });
}

}  // namespace warpstep::kernels::cuda
