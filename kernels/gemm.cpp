// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm.hpp"

#include <algorithm>
#include <memory>

#include "kernels/blas_library.hpp"
#include "kernels/host_rows.hpp"

namespace warpstep::kernels {
namespace {

using device::host::Cores;

/// A part of c.
struct Block {
    std::int64_t row, rows, column, columns;
};

// The longer side of c is cut into blocks by its extent alone, each one call of OpenBLAS, which
// picks another order of additions for another shape: so the number of cores does not change the
// result. Blocks of this size cost it nothing, smaller ones do.
template <typename Body>
void for_blocks(const Gemm& gemm, const Cores& cores, const Body& body) {
    constexpr std::int64_t grain = 128;
    const bool rows = gemm.m >= gemm.n;
    const std::int64_t side = rows ? gemm.m : gemm.n;
    const std::int64_t other = rows ? gemm.n : gemm.m;
    const std::int64_t work = grain * (other * std::max<std::int64_t>(gemm.k, 1) / 32 + 1);
    for_rows(cores, (side + grain - 1) / grain, work, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t block = begin; block < end; ++block) {
            const std::int64_t first = block * grain;
            const std::int64_t count = std::min(side - first, grain);
            body(rows ? Block{first, count, 0, other} : Block{0, other, first, count});
        }
    });
}

void multiply(const Gemm& gemm, const float* a, const float* b, float* c, int row_of_c,
              const Block& block, float alpha, float beta) {
    blas_library().sgemm(
        blas_row_major, gemm.transpose_a ? blas_transposed : blas_as_is,
        gemm.transpose_b ? blas_transposed : blas_as_is, static_cast<int>(block.rows),
        static_cast<int>(block.columns), static_cast<int>(gemm.k), alpha, a,
        static_cast<int>(std::max<std::int64_t>(1, gemm.row_of_a())), b,
        static_cast<int>(std::max<std::int64_t>(1, gemm.row_of_b())), beta, c, row_of_c);
}

void multiply(const Gemm& gemm, const double* a, const double* b, double* c, int row_of_c,
              const Block& block, double alpha, double beta) {
    blas_library().dgemm(
        blas_row_major, gemm.transpose_a ? blas_transposed : blas_as_is,
        gemm.transpose_b ? blas_transposed : blas_as_is, static_cast<int>(block.rows),
        static_cast<int>(block.columns), static_cast<int>(gemm.k), alpha, a,
        static_cast<int>(std::max<std::int64_t>(1, gemm.row_of_a())), b,
        static_cast<int>(std::max<std::int64_t>(1, gemm.row_of_b())), beta, c, row_of_c);
}

template <typename T>
const T* from_row(const Gemm& gemm, const T* a, const Block& block) {
    return a + block.row * (gemm.transpose_a ? 1 : gemm.k);
}
template <typename T>
const T* from_column(const Gemm& gemm, const T* b, const Block& block) {
    return b + block.column * (gemm.transpose_b ? gemm.k : 1);
}

/// c holds what a and b hold.
template <typename T>
void multiply_alike(const Gemm& gemm, const T* a, const T* b, const Cores& cores) {
    for_blocks(gemm, cores, [&](const Block& block) {
        multiply(gemm, from_row(gemm, a, block), from_column(gemm, b, block),
                 static_cast<T*>(gemm.c) + block.row * gemm.n + block.column,
                 static_cast<int>(gemm.n), block, static_cast<T>(gemm.alpha),
                 static_cast<T>(gemm.beta));
    });
}

/// c is narrower than f32: every block is multiplied in f32, then scaled and rounded.
template <typename T>
void multiply_into_narrow(const Gemm& gemm, const float* a, const float* b, const Cores& cores) {
    for_blocks(gemm, cores, [&](const Block& block) {
        const std::unique_ptr<float[]> product(
            new float[static_cast<std::size_t>(block.rows * block.columns)]);
        multiply(gemm, from_row(gemm, a, block), from_column(gemm, b, block), product.get(),
                 static_cast<int>(block.columns), block, 1, 0);
        for (std::int64_t i = 0; i < block.rows; ++i) {
            T* c = static_cast<T*>(gemm.c) + (block.row + i) * gemm.n + block.column;
            const float* row = product.get() + i * block.columns;
            for (std::int64_t j = 0; j < block.columns; ++j) {
                const double old = gemm.beta == 0 ? 0.0 : gemm.beta * static_cast<float>(c[j]);
                c[j] = static_cast<T>(gemm.alpha * static_cast<double>(row[j]) + old);
            }
        }
    });
}

template <typename T>
std::unique_ptr<float[]> widened(const void* data, std::int64_t count, const Cores& cores) {
    std::unique_ptr<float[]> wide(new float[static_cast<std::size_t>(count)]);
    const T* narrow = static_cast<const T*>(data);
    cores.for_range(count, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) wide[static_cast<std::size_t>(i)] = narrow[i];
    });
    return wide;
}

template <typename T>
void multiply_narrow(const Gemm& gemm, const Cores& cores) {
    const auto a = widened<T>(gemm.a, gemm.m * gemm.k, cores);
    const auto b = widened<T>(gemm.b, gemm.k * gemm.n, cores);
    switch (gemm.output) {
        case DType::f16:
            return multiply_into_narrow<Float16>(gemm, a.get(), b.get(), cores);
        case DType::bf16:
            return multiply_into_narrow<BFloat16>(gemm, a.get(), b.get(), cores);
        default:
            return multiply_alike<float>(gemm, a.get(), b.get(), cores);
    }
}

}  // namespace

void gemm(const Arguments& arguments, const device::host::Cores& cores) {
    const Gemm gemm = gemm_of(arguments);
    if (gemm.m == 0 || gemm.n == 0) return;
    switch (gemm.input) {
        case DType::f64:
            return multiply_alike(gemm, static_cast<const double*>(gemm.a),
                                  static_cast<const double*>(gemm.b), cores);
        case DType::f16:
            return multiply_narrow<Float16>(gemm, cores);
        case DType::bf16:
            return multiply_narrow<BFloat16>(gemm, cores);
        case DType::f8e4m3:
            return multiply_narrow<Float8E4M3>(gemm, cores);
        default:
            return multiply_alike(gemm, static_cast<const float*>(gemm.a),
                                  static_cast<const float*>(gemm.b), cores);
    }
}

}  // namespace warpstep::kernels
