// SPDX-License-Identifier: Apache-2.0
// CUB's scan moves every element once, which no two-pass scan can.
#include <cub/device/device_scan.cuh>

#include "kernels/check.hpp"
#include "kernels/plan.cuh"

namespace warpstep::kernels::cuda {

void scan(const Arguments& arguments, Plan& plan) {
    const Argument& x = arguments.buffer("x");
    if (x.count == 0) return;
    const bool inclusive = arguments.word("kind") == "inclusive";
    with_computable(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        const auto* in = static_cast<const T*>(x.data);
        auto* out = static_cast<T*>(arguments.buffer("y").data);
        const std::int64_t n = x.count;
        const auto run = [in, out, n, inclusive](void* scratch, std::size_t& bytes,
                                                 cudaStream_t stream) {
            return inclusive ? cub::DeviceScan::InclusiveSum(scratch, bytes, in, out, n, stream)
                             : cub::DeviceScan::ExclusiveSum(scratch, bytes, in, out, n, stream);
        };
        // Asked without memory, CUB tells how much it wants.
        std::size_t bytes = 0;
        WARPSTEP_CUDA_CHECK(run(nullptr, bytes, nullptr));
        void* scratch = plan.scratch(std::max<std::size_t>(bytes, 1));
        plan.call([run, scratch, bytes](cudaStream_t stream) mutable {
            WARPSTEP_CUDA_CHECK(run(scratch, bytes, stream));
        });
    });
}

}  // namespace warpstep::kernels::cuda
