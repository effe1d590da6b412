// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// c <- alpha * a * b + beta * c, row-major. With beta == 0 the old c is not read.
/// Shape:  a [m, k], b [k, n], c [m, n], any of m, n, k may be 0. With `transpose_a: yes` a is
///         [k, m], with `transpose_b: yes` b is [n, k]. c overlaps neither a nor b.
/// Types:  a, b f64: c f64; f32: c f32; f16: c f16 or f32; bf16: c bf16 or f32; f8e4m3: c f32, bf16
///         or f16. Products of f64 are added in f64, all others in f32; c is rounded once.
/// Words:  compute: auto, or f32 for everything but f64; tf32 (f32 only) rounds a and b to 11
///         significant bits; fast (f8e4m3 only) adds with fewer bits, as fast as Hopper can. The
///         host computes these two in f32.
/// Limits: f8e4m3 needs `transpose_b: yes` and a not transposed, k and n multiples of 16, buffers
///         that begin at multiples of 16 bytes, and on CUDA compute capability 8.9: the tensor
///         cores read both operands along k. Extents are below 2^31.
/// Units:  reads a and b, writes c, reads c unless beta == 0; 2 m n k flops.
/// Errors: ConfigError from check_gemm; EnvironmentError when OpenBLAS (host) or cuBLASLt (CUDA)
///         cannot be opened; DeviceError when cuBLASLt refuses.
/// Source: BLAS level 3, gemm; cuBLASLt documentation, cublasLtMatmul(), table of types.
/// Small integers are exact on every device. Other results depend on the order of additions, which
/// is the same in every run of one shape on one device.
void gemm(const Arguments& arguments, const device::host::Cores& cores);
void check_gemm(const Arguments& arguments);

/// The same, obviously right and slow: products added in double along k, rounded once. The
/// reference for gemm; host and device results match bit by bit. Shape, types, words, units: as
/// gemm, without its limits for f8e4m3.
void gemm_naive(const Arguments& arguments, const device::host::Cores& cores);
void check_gemm_naive(const Arguments& arguments);

/// What the arguments of a checked gemm say.
struct Gemm {
    std::int64_t m = 0, n = 0, k = 0;
    bool transpose_a = false, transpose_b = false;
    DType input = DType::f32, output = DType::f32;  ///< of a and b, of c
    const void* a = nullptr;
    const void* b = nullptr;
    void* c = nullptr;
    double alpha = 1, beta = 0;
    bool tf32 = false, fast = false;

    /// Elements from one row of the buffer to the next.
    std::int64_t row_of_a() const { return transpose_a ? m : k; }
    std::int64_t row_of_b() const { return transpose_b ? k : n; }
};
Gemm gemm_of(const Arguments& arguments);

/// What one gemm moves and computes, for the catalog.
double gemm_bytes(const Arguments& arguments);
double gemm_flops(const Arguments& arguments);

}  // namespace warpstep::kernels
