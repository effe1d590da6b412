// SPDX-License-Identifier: Apache-2.0
// The reference on the device: one thread for each element of c, in double.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <algorithm>

#include "kernels/gemm.hpp"
#include "kernels/gemm_plan.hpp"

namespace warpstep::kernels::cuda {

constexpr int naive_side = 16;  ///< of a block: rows and columns of c

__device__ inline double to_double(double x) {
    return x;
}
__device__ inline double to_double(float x) {
    return static_cast<double>(x);
}
__device__ inline double to_double(__half x) {
    return static_cast<double>(__half2float(x));
}
__device__ inline double to_double(__nv_bfloat16 x) {
    return static_cast<double>(__bfloat162float(x));
}
__device__ inline double to_double(__nv_fp8_e4m3 x) {
    return static_cast<double>(static_cast<float>(x));
}

__device__ inline void round_to(double value, double* place) {
    *place = value;
}
__device__ inline void round_to(double value, float* place) {
    *place = static_cast<float>(value);
}
__device__ inline void round_to(double value, __half* place) {
    *place = __double2half(value);
}
__device__ inline void round_to(double value, __nv_bfloat16* place) {
    *place = __double2bfloat16(value);
}

/// Elements from one to the next along a row and along a column.
struct Strides {
    std::int64_t row, column;
};

template <typename T, typename C>
__global__ void __launch_bounds__(naive_side* naive_side)
    multiply_naively(std::int64_t m, std::int64_t n, std::int64_t k, double alpha, const T* a,
                     Strides stride_a, const T* b, Strides stride_b, double beta, C* c) {
    for (std::int64_t i = std::int64_t{blockIdx.y} * naive_side + threadIdx.y; i < m;
         i += std::int64_t{gridDim.y} * naive_side) {
        const std::int64_t j = std::int64_t{blockIdx.x} * naive_side + threadIdx.x;
        if (j >= n) return;
        double sum = 0;
        for (std::int64_t l = 0; l < k; ++l) {
            sum = fma(to_double(a[i * stride_a.row + l * stride_a.column]),
                      to_double(b[l * stride_b.row + j * stride_b.column]), sum);
        }
        C* place = c + i * n + j;
        round_to(fma(alpha, sum, beta == 0 ? 0.0 : beta * to_double(*place)), place);
    }
}

template <typename T, typename C>
void plan_naive(const Gemm& gemm, Plan& plan) {
    const Strides a = gemm.transpose_a ? Strides{1, gemm.m} : Strides{gemm.k, 1};
    const Strides b = gemm.transpose_b ? Strides{1, gemm.k} : Strides{gemm.n, 1};
    const dim3 grid(
        static_cast<unsigned>(ceil_div(gemm.n, naive_side)),
        static_cast<unsigned>(std::min<std::int64_t>(ceil_div(gemm.m, naive_side), 65535)));
    constexpr auto kernel = multiply_naively<T, C>;
    plan.launch<kernel>(grid, dim3(naive_side, naive_side), 0, gemm.m, gemm.n, gemm.k, gemm.alpha,
                        static_cast<const T*>(gemm.a), a, static_cast<const T*>(gemm.b), b,
                        gemm.beta, static_cast<C*>(gemm.c));
}

template <typename T>
void plan_narrow(const Gemm& gemm, Plan& plan) {
    switch (gemm.output) {
        case DType::f16:
            return plan_naive<T, __half>(gemm, plan);
        case DType::bf16:
            return plan_naive<T, __nv_bfloat16>(gemm, plan);
        default:
            return plan_naive<T, float>(gemm, plan);
    }
}

void gemm_naive(const Arguments& arguments, Plan& plan) {
    const Gemm gemm = gemm_of(arguments);
    if (gemm.m == 0 || gemm.n == 0) return;
    switch (gemm.input) {
        case DType::f64:
            return plan_naive<double, double>(gemm, plan);
        case DType::f16:
            return plan_narrow<__half>(gemm, plan);
        case DType::bf16:
            return plan_narrow<__nv_bfloat16>(gemm, plan);
        case DType::f8e4m3:
            return plan_narrow<__nv_fp8_e4m3>(gemm, plan);
        default:
            return plan_naive<float, float>(gemm, plan);
    }
}

}  // namespace warpstep::kernels::cuda
