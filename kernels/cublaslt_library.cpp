// SPDX-License-Identifier: Apache-2.0
#include "kernels/cublaslt_library.hpp"

#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <cstdlib>
#include <map>
#include <mutex>

#include "runtime/base/error.hpp"
#include "runtime/device/cuda/check.hpp"

namespace warpstep::kernels::cuda {
namespace {

// The library's name carries the major version of the interface that this was compiled with.
std::string file_name() {
    const char* named = std::getenv("WARPSTEP_CUBLASLT_LIBRARY");
    if (named != nullptr && *named != '\0') return named;
    return fmt::format("libcublasLt.so.{}", CUBLAS_VER_MAJOR);
}

std::string version_text(std::size_t code) {
    return fmt::format("{}.{}.{}", code / 10000, code % 10000 / 100, code % 100);
}

class Symbols {
  public:
    explicit Symbols(const std::string& file)
        : handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) {
            fail<EnvironmentError>(
                "cannot open cuBLASLt, which multiplies matrices on the GPU ({}); load the site's "
                "CUDA module, or name the file in WARPSTEP_CUBLASLT_LIBRARY",
                ::dlerror());
        }
        const auto get_version =
            reinterpret_cast<decltype(&cublasLtGetVersion)>(::dlsym(handle_, "cublasLtGetVersion"));
        if (get_version == nullptr) {
            fail<EnvironmentError>(
                "'{}' is not cuBLASLt (it does not tell its version); correct "
                "WARPSTEP_CUBLASLT_LIBRARY",
                file);
        }
        version_ = version_text(get_version());
        Dl_info info{};
        if (::dladdr(reinterpret_cast<void*>(get_version), &info) != 0) path_ = info.dli_fname;
    }

    const std::string& version() const { return version_; }
    const std::string& path() const { return path_; }

    template <typename Function>
    void find(Function& function, const char* name) const {
        function = reinterpret_cast<Function>(::dlsym(handle_, name));
        if (function != nullptr) return;
        fail<EnvironmentError>(
            "cuBLASLt {} in {} has no {} (version {} is needed); load that CUDA or name its "
            "library in WARPSTEP_CUBLASLT_LIBRARY",
            version_, path_, name, CUBLAS_VER_MAJOR);
    }

  private:
    void* handle_;
    std::string version_, path_;
};

CublasLtLibrary open_library() {
    const Symbols symbols(file_name());
    CublasLtLibrary library{};
    library.version = symbols.version();
    library.path = symbols.path();
    symbols.find(library.get_status_name, "cublasLtGetStatusName");
    symbols.find(library.get_status_string, "cublasLtGetStatusString");
    symbols.find(library.create, "cublasLtCreate");
    symbols.find(library.matmul_desc_create, "cublasLtMatmulDescCreate");
    symbols.find(library.matmul_desc_destroy, "cublasLtMatmulDescDestroy");
    symbols.find(library.matmul_desc_set_attribute, "cublasLtMatmulDescSetAttribute");
    symbols.find(library.matrix_layout_create, "cublasLtMatrixLayoutCreate");
    symbols.find(library.matrix_layout_destroy, "cublasLtMatrixLayoutDestroy");
    symbols.find(library.preference_create, "cublasLtMatmulPreferenceCreate");
    symbols.find(library.preference_destroy, "cublasLtMatmulPreferenceDestroy");
    symbols.find(library.preference_set_attribute, "cublasLtMatmulPreferenceSetAttribute");
    symbols.find(library.algo_get_heuristic, "cublasLtMatmulAlgoGetHeuristic");
    symbols.find(library.matmul, "cublasLtMatmul");
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
