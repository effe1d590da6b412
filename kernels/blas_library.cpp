// SPDX-License-Identifier: Apache-2.0
#include "kernels/blas_library.hpp"

#include <utility>
#include <vector>

#include "runtime/base/shared_library.hpp"

namespace warpstep::kernels {
namespace {

constexpr const char* found_by_build = WARPSTEP_BLAS_FILE;  ///< "": none

BlasLibrary open_library() {
    std::vector<std::string> files{"libopenblas.so.0"};
    if (*found_by_build != '\0') files.insert(files.begin(), found_by_build);
    const SharedLibrary symbols = SharedLibrary::open(
        {"OpenBLAS", "WARPSTEP_BLAS_LIBRARY", std::move(files),
         ", which multiplies matrices on the host", "install it (Debian: libopenblas0-serial)",
         "cblas_sgemm", "lacks the C interface of BLAS", "the C interface of BLAS is needed",
         "install OpenBLAS"});
    BlasLibrary library{};
    library.path = symbols.path();
    symbols.required(library.sgemm, "cblas_sgemm");
    symbols.required(library.dgemm, "cblas_dgemm");
    void (*set_threads)(int) = nullptr;
    symbols.optional(set_threads, "openblas_set_num_threads");
    if (set_threads != nullptr) set_threads(1);
    return library;
}

}  // namespace

const BlasLibrary& blas_library() {
    static const BlasLibrary library = open_library();
    return library;
}

}  // namespace warpstep::kernels
