// SPDX-License-Identifier: Apache-2.0
// cuBLASLt as it is found at run time. Opening it takes a quarter of a second and well over a
// hundred megabytes, so only workloads that multiply matrices do.
#pragma once

#include <cublasLt.h>

#include <string>

namespace warpstep::kernels::cuda {

/// One pointer for each function we call.
struct CublasLtLibrary {
    std::string version;  ///< "13.1.0"
    std::string path;

    decltype(&cublasLtGetStatusName) get_status_name;
    decltype(&cublasLtGetStatusString) get_status_string;
    decltype(&cublasLtCreate) create;
    decltype(&cublasLtMatmulDescCreate) matmul_desc_create;
    decltype(&cublasLtMatmulDescDestroy) matmul_desc_destroy;
    decltype(&cublasLtMatmulDescSetAttribute) matmul_desc_set_attribute;
    decltype(&cublasLtMatrixLayoutCreate) matrix_layout_create;
    decltype(&cublasLtMatrixLayoutDestroy) matrix_layout_destroy;
    decltype(&cublasLtMatmulPreferenceCreate) preference_create;
    decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy;
    decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set_attribute;
    decltype(&cublasLtMatmulAlgoGetHeuristic) algo_get_heuristic;
    decltype(&cublasLtMatmul) matmul;
};

/// Opened at first use and kept until the process ends: the file named by
/// WARPSTEP_CUBLASLT_LIBRARY, else the one of the toolkit's major version as the loader finds it.
/// Errors: EnvironmentError that names what is missing and the version found.
const CublasLtLibrary& cublaslt_library();

/// The current device's handle, made at first use and kept: it holds device memory, which the
/// driver frees with the context. Safe from several threads. Errors: DeviceError.
cublasLtHandle_t cublaslt_handle();

/// Errors: DeviceError with the status' name and text, the expression and its place.
[[noreturn]] void throw_cublaslt(cublasStatus_t status, const char* expression, const char* file,
                                 int line);

}  // namespace warpstep::kernels::cuda

#define WARPSTEP_CUBLASLT_CHECK(expression)                                                      \
    do {                                                                                         \
        if (const cublasStatus_t status_ = (expression); status_ != CUBLAS_STATUS_SUCCESS) {     \
            ::warpstep::kernels::cuda::throw_cublaslt(status_, #expression, __FILE__, __LINE__); \
        }                                                                                        \
    } while (false)
