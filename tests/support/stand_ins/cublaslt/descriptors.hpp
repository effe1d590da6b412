// SPDX-License-Identifier: Apache-2.0
// What the stand-in keeps behind cuBLASLt's opaque handles.
#pragma once

#include <cublasLt.h>

#include <cstddef>
#include <cstdint>

namespace stand_ins::cublaslt {

struct Operation {
    cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
    cudaDataType scale = CUDA_R_32F;
    cublasOperation_t transpose_a = CUBLAS_OP_N, transpose_b = CUBLAS_OP_N;
    bool fast_accumulation = false;
};

/// A matrix by columns.
struct Layout {
    cudaDataType type = CUDA_R_32F;
    std::uint64_t rows = 0, columns = 0;
    std::int64_t leading = 0;  ///< elements from one column to the next
};

struct Preference {
    std::uint64_t workspace_bytes = 0;
    std::uint32_t alignment[4] = {256, 256, 256, 256};  ///< bytes: of A, B, C, D
};

/// What an algorithm was chosen for; lies in cublasLtMatmulAlgo_t.
struct Algorithm {
    std::uint64_t magic = 0;
    std::uint64_t workspace_bytes = 0;
    std::uint32_t alignment[4] = {};
};
constexpr std::uint64_t algorithm_magic = 0x57414c474f524954;

/// One call of cublasLtMatmul, with copies of everything that the caller may change afterwards.
struct Multiplication {
    Operation operation;
    Layout a_layout, b_layout, c_layout, d_layout;
    const void* a = nullptr;
    const void* b = nullptr;
    const void* c = nullptr;
    void* d = nullptr;
    double alpha = 1, beta = 0;
    void* workspace = nullptr;
    std::size_t workspace_bytes = 0;
    bool flips = false;  ///< a bit of the first element, as a broken GPU might
};

std::size_t size_of(cudaDataType type);
/// Whether the real library has an algorithm for this on Hopper.
cublasStatus_t supported(const Operation& operation, const Layout& a, const Layout& b,
                         const Layout& c, const Layout& d, const std::uint32_t* alignment);
/// D = alpha * op(A) * op(B) + beta * C, on this thread.
void multiply(const Multiplication& problem);

}  // namespace stand_ins::cublaslt
