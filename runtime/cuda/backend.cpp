// SPDX-License-Identifier: Apache-2.0
#include "runtime/cuda/backend.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "runtime/base/text.hpp"

namespace warpstep::comm {
namespace {

namespace fs = std::filesystem;

constexpr const char* file_name = "warpstep_cuda.so";
constexpr const char* entry_name = "warpstep_cuda_backend";
using Entry = CudaBackend* (*)(const char* abi_hash);

std::vector<std::string> module_folders() {
    if (const char* chosen = std::getenv("WARPSTEP_MODULE_DIR"); chosen != nullptr && *chosen) {
        return {chosen};
    }
    std::error_code error;
    const fs::path executable = fs::read_symlink("/proc/self/exe", error);
    if (error) return {};
    const fs::path folder = executable.parent_path();
    return {folder.string(), (folder.parent_path() / "lib" / "warpstep").string()};
}

CudaBackend& open_module() {
    const std::string path = cuda_module_path();
    if (path.empty()) {
        fail<EnvironmentError>(
            "no CUDA module (looked for {} in {}); build warpstep where nvcc is found, or set "
            "WARPSTEP_MODULE_DIR to the folder that has it, or run with --device host",
            file_name, join(module_folders(), " and "));
    }
    // Local, so that the module's NVIDIA libraries do not answer for ours. Never closed: threads of
    // CUDA may live in it.
    void* module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
        const char* reason = ::dlerror();
        fail<EnvironmentError>(
            "cannot open the CUDA module {} ({}); load the site's CUDA module or set "
            "LD_LIBRARY_PATH to the folder of the missing library",
            path, reason == nullptr ? "the loader gave no reason" : reason);
    }
    const auto entry = reinterpret_cast<Entry>(::dlsym(module, entry_name));
    CudaBackend* backend = entry == nullptr ? nullptr : entry(WARPSTEP_ABI_HASH);
    if (backend == nullptr) {
        fail<EnvironmentError>(
            "the CUDA module {} does not belong to this warpstep ({}); install both from one build",
            path,
            entry == nullptr ? fmt::format("it has no {}", entry_name)
                             : "it was built from other headers than " WARPSTEP_ABI_HASH);
    }
    return *backend;
}

}  // namespace

CudaBackend& cuda_backend() {
    static CudaBackend& backend = open_module();
    return backend;
}

std::string cuda_module_path() {
    for (const auto& folder : module_folders()) {
        std::error_code error;
        const fs::path candidate = fs::path(folder) / file_name;
        if (fs::exists(candidate, error)) return candidate.string();
    }
    return "";
}

}  // namespace warpstep::comm
