// SPDX-License-Identifier: Apache-2.0
#include "kernels/cublaslt_library.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <map>
#include <mutex>

#include "runtime/base/error.hpp"
#include "runtime/base/shared_library.hpp"
#include "runtime/device/cuda/check.hpp"

namespace warpstep::kernels::cuda {
namespace {

std::string version_text(std::size_t code) {
    return fmt::format("{}.{}.{}", code / 10000, code % 10000 / 100, code % 100);
}

// The library's name carries the major version of the interface that this was compiled with.
CublasLtLibrary open_library() {
    SharedLibrary symbols =
        SharedLibrary::open({"cuBLASLt",
                             "WARPSTEP_CUBLASLT_LIBRARY",
                             {fmt::format("libcublasLt.so.{}", CUBLAS_VER_MAJOR)},
                             ", which multiplies matrices on the GPU",
                             "load the site's CUDA module",
                             "cublasLtGetVersion",
                             "does not tell its version",
                             fmt::format("version {} is needed", CUBLAS_VER_MAJOR),
                             "load that CUDA"});
    CublasLtLibrary library{};
    decltype(&cublasLtGetVersion) get_version = nullptr;
    symbols.required(get_version, "cublasLtGetVersion");
    library.version = version_text(get_version());
    library.path = symbols.path();
    symbols.set_version(library.version);
    symbols.required(library.get_status_name, "cublasLtGetStatusName");
    symbols.required(library.get_status_string, "cublasLtGetStatusString");
    symbols.required(library.create, "cublasLtCreate");
    symbols.required(library.matmul_desc_create, "cublasLtMatmulDescCreate");
    symbols.required(library.matmul_desc_destroy, "cublasLtMatmulDescDestroy");
    symbols.required(library.matmul_desc_set_attribute, "cublasLtMatmulDescSetAttribute");
    symbols.required(library.matrix_layout_create, "cublasLtMatrixLayoutCreate");
    symbols.required(library.matrix_layout_destroy, "cublasLtMatrixLayoutDestroy");
    symbols.required(library.preference_create, "cublasLtMatmulPreferenceCreate");
    symbols.required(library.preference_destroy, "cublasLtMatmulPreferenceDestroy");
    symbols.required(library.preference_set_attribute, "cublasLtMatmulPreferenceSetAttribute");
    symbols.required(library.algo_get_heuristic, "cublasLtMatmulAlgoGetHeuristic");
    symbols.required(library.matmul, "cublasLtMatmul");
    return library;
}

}  // namespace

const CublasLtLibrary& cublaslt_library() {
    static const CublasLtLibrary library = open_library();
    return library;
}

cublasLtHandle_t cublaslt_handle() {
    static std::mutex mutex;
    static std::map<int, cublasLtHandle_t> handles;
    int device = 0;
    WARPSTEP_CUDA_CHECK(cudaGetDevice(&device));
    const std::lock_guard lock(mutex);
    if (const auto known = handles.find(device); known != handles.end()) return known->second;
    cublasLtHandle_t handle = nullptr;
    WARPSTEP_CUBLASLT_CHECK(cublaslt_library().create(&handle));
    handles.emplace(device, handle);
    return handle;
}

void throw_cublaslt(cublasStatus_t status, const char* expression, const char* file, int line) {
    const CublasLtLibrary& library = cublaslt_library();
    fail<DeviceError>("cuBLASLt {}: {} ({}) in {} at {}:{}", library.version,
                      library.get_status_string(status), library.get_status_name(status),
                      expression, file, line);
}

}  // namespace warpstep::kernels::cuda
