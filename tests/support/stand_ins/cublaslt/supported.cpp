// SPDX-License-Identifier: Apache-2.0
// Which multiplications cuBLASLt has. Source: cuBLAS documentation, tables of cublasLtMatmul().
#include <algorithm>
#include <array>

#include "tests/support/stand_ins/cublaslt/descriptors.hpp"

namespace stand_ins::cublaslt {
namespace {

struct Row {
    cublasComputeType_t compute;
    cudaDataType scale, input, output;
};

constexpr std::array<Row, 10> rows{
    {{CUBLAS_COMPUTE_64F, CUDA_R_64F, CUDA_R_64F, CUDA_R_64F},
     {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F},
     {CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F},
     {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_16F},
     {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, CUDA_R_32F},
     {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_16BF},
     {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, CUDA_R_32F},
     {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_32F},
     {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_16BF},
     {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, CUDA_R_16F}}};

bool fits(const Operation& operation, const Layout& a, const Layout& b, const Layout& c,
          const Layout& d) {
    const bool ta = operation.transpose_a != CUBLAS_OP_N;
    const bool tb = operation.transpose_b != CUBLAS_OP_N;
    const auto m = ta ? a.columns : a.rows;
    const auto k = ta ? a.rows : a.columns;
    const auto n = tb ? b.rows : b.columns;
    if (k != (tb ? b.columns : b.rows)) return false;
    for (const Layout& matrix : {c, d}) {
        if (matrix.rows != m || matrix.columns != n) return false;
    }
    const std::array<Layout, 4> all{a, b, c, d};
    return std::all_of(all.begin(), all.end(), [](const Layout& matrix) {
        return matrix.rows > 0 && matrix.columns > 0 &&
               matrix.leading >= static_cast<std::int64_t>(matrix.rows);
    });
}

// Tensor cores read eight-bit operands along k, in whole lines of 16 bytes.
bool fits_eight_bits(const Operation& operation, const Layout& a, const Layout& b, const Layout& d,
                     const std::uint32_t* alignment) {
    if (operation.transpose_a != CUBLAS_OP_T || operation.transpose_b != CUBLAS_OP_N) return false;
    if (a.rows % 16 != 0 || a.columns % 16 != 0) return false;
    for (const Layout& matrix : {a, b, d}) {
        if (static_cast<std::size_t>(matrix.leading) * size_of(matrix.type) % 16 != 0) return false;
    }
    return std::all_of(alignment, alignment + 4, [](std::uint32_t bytes) { return bytes >= 16; });
}

}  // namespace

std::size_t size_of(cudaDataType type) {
    switch (type) {
        case CUDA_R_64F:
            return 8;
        case CUDA_R_32F:
            return 4;
        case CUDA_R_16F:
        case CUDA_R_16BF:
            return 2;
        default:
            return 1;
    }
}

cublasStatus_t supported(const Operation& operation, const Layout& a, const Layout& b,
                         const Layout& c, const Layout& d, const std::uint32_t* alignment) {
    if (!fits(operation, a, b, c, d)) return CUBLAS_STATUS_INVALID_VALUE;
    const bool known = std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
        return row.compute == operation.compute && row.scale == operation.scale &&
               row.input == a.type && row.input == b.type && row.output == c.type &&
               row.output == d.type;
    });
    if (!known) return CUBLAS_STATUS_NOT_SUPPORTED;
    if (a.type == CUDA_R_8F_E4M3 && !fits_eight_bits(operation, a, b, d, alignment)) {
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
    return operation.fast_accumulation && a.type != CUDA_R_8F_E4M3 ? CUBLAS_STATUS_NOT_SUPPORTED
                                                                   : CUBLAS_STATUS_SUCCESS;
}

}  // namespace stand_ins::cublaslt
