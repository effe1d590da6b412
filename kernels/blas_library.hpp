// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace warpstep::kernels {

/// The BLAS of the host as it was found at run time: one pointer for each function we call, with
/// the arguments of cblas.h (all matrices row-major).
struct BlasLibrary {
    std::string path;
    void (*sgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                  const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
    void (*dgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha,
                  const double* a, int lda, const double* b, int ldb, double beta, double* c,
                  int ldc);
};

constexpr int blas_row_major = 101, blas_as_is = 111, blas_transposed = 112;  ///< of cblas.h

/// Opened at first use and kept: the file named by WARPSTEP_BLAS_LIBRARY, else the serial OpenBLAS
/// that the build has found, else libopenblas.so.0 as the loader finds it. An OpenBLAS with threads
/// of its own is told to use one, because the task's cores are ours to deal out; opened this late,
/// its threads stay on those cores. Errors: EnvironmentError that names what is missing.
/// Source: OpenBLAS, "Using OpenBLAS in multi-threaded applications".
const BlasLibrary& blas_library();

}  // namespace warpstep::kernels
