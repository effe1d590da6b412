// SPDX-License-Identifier: Apache-2.0
#include "kernels/blas_library.hpp"

#include <dlfcn.h>

#include <cstdlib>

#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

constexpr const char* found_by_build = WARPSTEP_BLAS_FILE;  ///< "": none

void* open_first(const char* named) {
    if (named != nullptr && *named != '\0') return ::dlopen(named, RTLD_NOW | RTLD_LOCAL);
    if (*found_by_build != '\0') {
        if (void* handle = ::dlopen(found_by_build, RTLD_NOW | RTLD_LOCAL)) return handle;
    }
    return ::dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
}

template <typename Function>
void find(void* handle, const std::string& path, Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    if (function != nullptr) return;
    fail<EnvironmentError>(
        "{} has no {} (it is no BLAS with the C interface); name an OpenBLAS in "
        "WARPSTEP_BLAS_LIBRARY",
        path, name);
}

BlasLibrary open_library() {
    const char* named = std::getenv("WARPSTEP_BLAS_LIBRARY");
    void* handle = open_first(named);
    if (handle == nullptr) {
        fail<EnvironmentError>(
            "cannot open OpenBLAS, which multiplies matrices on the host ({}); install it (Debian: "
            "libopenblas0-serial), or name the file in WARPSTEP_BLAS_LIBRARY",
            ::dlerror());
    }
    BlasLibrary library{};
    library.path = named != nullptr && *named != '\0' ? named : "libopenblas.so.0";
    find(handle, library.path, library.sgemm, "cblas_sgemm");
    find(handle, library.path, library.dgemm, "cblas_dgemm");
    using SetThreads = void (*)(int);
    const auto set_threads =
        reinterpret_cast<SetThreads>(::dlsym(handle, "openblas_set_num_threads"));
    if (set_threads != nullptr) set_threads(1);
    Dl_info info{};
    if (::dladdr(reinterpret_cast<void*>(library.sgemm), &info) != 0) library.path = info.dli_fname;
    return library;
}

}  // namespace

const BlasLibrary& blas_library() {
    static const BlasLibrary library = open_library();
    return library;
}

}  // namespace warpstep::kernels
