// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "kernels/gemm.hpp"
#include "kernels/host_rows.hpp"
#include "runtime/base/host_clones.hpp"

namespace warpstep::kernels {
namespace {

using device::host::Cores;

/// sums[j] += factor * row[j], with one rounding each.
WARPSTEP_HOST_CLONES void add_row(double factor, const double* row, std::int64_t n, double* sums) {
    for (std::int64_t j = 0; j < n; ++j) sums[j] = std::fma(factor, row[j], sums[j]);
}

template <typename T>
std::vector<double> widened(const void* data, std::int64_t count) {
    const T* elements = static_cast<const T*>(data);
    std::vector<double> wide(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < wide.size(); ++i) wide[i] = static_cast<double>(elements[i]);
    return wide;
}

/// b [k, n] in double, whichever way it is stored.
template <typename T>
std::vector<double> rows_of_b(const Gemm& gemm) {
    std::vector<double> b = widened<T>(gemm.b, gemm.k * gemm.n);
    if (!gemm.transpose_b) return b;
    std::vector<double> turned(b.size());
    for (std::int64_t j = 0; j < gemm.n; ++j) {
        for (std::int64_t l = 0; l < gemm.k; ++l) {
            turned[static_cast<std::size_t>(l * gemm.n + j)] =
                b[static_cast<std::size_t>(j * gemm.k + l)];
        }
    }
    return turned;
}

template <typename T, typename C>
void multiply(const Gemm& gemm, const Cores& cores) {
    const std::vector<double> b = rows_of_b<T>(gemm);
    const T* a = static_cast<const T*>(gemm.a);
    for_rows(cores, gemm.m, gemm.n * gemm.k, [&](std::int64_t begin, std::int64_t end) {
        std::vector<double> sums(static_cast<std::size_t>(gemm.n));
        for (std::int64_t i = begin; i < end; ++i) {
            std::fill(sums.begin(), sums.end(), 0.0);
            for (std::int64_t l = 0; l < gemm.k; ++l) {
                const T factor = gemm.transpose_a ? a[l * gemm.m + i] : a[i * gemm.k + l];
                add_row(static_cast<double>(factor), b.data() + l * gemm.n, gemm.n, sums.data());
            }
            C* c = static_cast<C*>(gemm.c) + i * gemm.n;
            for (std::int64_t j = 0; j < gemm.n; ++j) {
                const double old = gemm.beta == 0 ? 0.0 : gemm.beta * static_cast<double>(c[j]);
                c[j] = static_cast<C>(std::fma(gemm.alpha, sums[static_cast<std::size_t>(j)], old));
            }
        }
    });
}

template <typename T>
void multiply_narrow_naively(const Gemm& gemm, const Cores& cores) {
    switch (gemm.output) {
        case DType::f16:
            return multiply<T, Float16>(gemm, cores);
        case DType::bf16:
            return multiply<T, BFloat16>(gemm, cores);
        default:
            return multiply<T, float>(gemm, cores);
    }
}

}  // namespace

void gemm_naive(const Arguments& arguments, const device::host::Cores& cores) {
    const Gemm gemm = gemm_of(arguments);
    switch (gemm.input) {
        case DType::f64:
            return multiply<double, double>(gemm, cores);
        case DType::f16:
            return multiply_narrow_naively<Float16>(gemm, cores);
        case DType::bf16:
            return multiply_narrow_naively<BFloat16>(gemm, cores);
        case DType::f8e4m3:
            return multiply_narrow_naively<Float8E4M3>(gemm, cores);
        default:
            return multiply<float, float>(gemm, cores);
    }
}

}  // namespace warpstep::kernels
