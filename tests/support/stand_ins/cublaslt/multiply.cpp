// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cstring>
#include <vector>

#include "runtime/base/narrow_float.hpp"
#include "tests/support/stand_ins/cublaslt/descriptors.hpp"

namespace stand_ins::cublaslt {
namespace {

using warpstep::BFloat16;
using warpstep::Float16;
using warpstep::Float8E4M3;

template <typename T>
double read_as(const void* data, std::size_t index) {
    T value;
    std::memcpy(&value, static_cast<const char*>(data) + index * sizeof(T), sizeof(T));
    return static_cast<double>(value);
}

double read(cudaDataType type, const void* data, std::size_t index) {
    switch (type) {
        case CUDA_R_64F:
            return read_as<double>(data, index);
        case CUDA_R_16F:
            return read_as<Float16>(data, index);
        case CUDA_R_16BF:
            return read_as<BFloat16>(data, index);
        case CUDA_R_8F_E4M3:
            return read_as<Float8E4M3>(data, index);
        default:
            return read_as<float>(data, index);
    }
}

template <typename T>
void write_as(double value, void* data, std::size_t index) {
    const auto rounded = static_cast<T>(value);
    std::memcpy(static_cast<char*>(data) + index * sizeof(T), &rounded, sizeof(T));
}

void write(cudaDataType type, double value, void* data, std::size_t index) {
    switch (type) {
        case CUDA_R_64F:
            return write_as<double>(value, data, index);
        case CUDA_R_16F:
            return write_as<Float16>(value, data, index);
        case CUDA_R_16BF:
            return write_as<BFloat16>(value, data, index);
        default:
            return write_as<float>(value, data, index);
    }
}

// 10 bits behind the point, ties away from zero.
double to_tf32(double value) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    return static_cast<double>(std::bit_cast<float>((bits + 0x1000U) & ~0x1fffU));
}

/// op(matrix) by rows, in double.
std::vector<double> rows_of(const Layout& layout, bool transposed, const void* data, bool tf32) {
    const std::uint64_t rows = transposed ? layout.columns : layout.rows;
    const std::uint64_t columns = transposed ? layout.rows : layout.columns;
    const auto leading = static_cast<std::uint64_t>(layout.leading);
    std::vector<double> values(rows * columns);
    for (std::uint64_t i = 0; i < rows; ++i) {
        for (std::uint64_t j = 0; j < columns; ++j) {
            const double value =
                read(layout.type, data, transposed ? i * leading + j : j * leading + i);
            values[i * columns + j] = tf32 ? to_tf32(value) : value;
        }
    }
    return values;
}

// Sums of anything but f64 are kept in f32, as the real library's are.
double add(double sum, double product, bool wide) {
    return wide ? sum + product : static_cast<double>(static_cast<float>(sum + product));
}

}  // namespace

void multiply(const Multiplication& p) {
    const bool wide = p.operation.compute == CUBLAS_COMPUTE_64F;
    const bool tf32 = p.operation.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
    const auto a = rows_of(p.a_layout, p.operation.transpose_a != CUBLAS_OP_N, p.a, tf32);
    const auto b = rows_of(p.b_layout, p.operation.transpose_b != CUBLAS_OP_N, p.b, tf32);
    const std::uint64_t m = p.d_layout.rows;
    const std::uint64_t n = p.d_layout.columns;
    const std::uint64_t k = a.size() / m;
    if (p.workspace_bytes > 0) std::memset(p.workspace, 0x5a, p.workspace_bytes);
    for (std::uint64_t i = 0; i < m; ++i) {
        for (std::uint64_t j = 0; j < n; ++j) {
            double sum = 0;
            for (std::uint64_t l = 0; l < k; ++l) sum = add(sum, a[i * k + l] * b[l * n + j], wide);
            sum *= p.alpha;
            if (p.beta != 0) {
                const auto at = j * static_cast<std::uint64_t>(p.c_layout.leading) + i;
                sum += p.beta * read(p.c_layout.type, p.c, at);
            }
            write(p.d_layout.type, sum, p.d,
                  j * static_cast<std::uint64_t>(p.d_layout.leading) + i);
        }
    }
    if (p.flips) *static_cast<unsigned char*>(p.d) ^= 1;
}

}  // namespace stand_ins::cublaslt
