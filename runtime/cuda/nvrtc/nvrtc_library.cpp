// SPDX-License-Identifier: Apache-2.0
#include "runtime/cuda/nvrtc/nvrtc_library.hpp"

#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/base/error.hpp"

namespace warpstep::device::nvrtc {
namespace {

namespace fs = std::filesystem;

// Looks functions up in one opened library.
class Symbols {
  public:
    explicit Symbols(const char* file)
        : file_(file), handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ != nullptr) return;
        fail<EnvironmentError>(
            "cannot open NVRTC ({}); load the site's CUDA module, or name the file in "
            "WARPSTEP_NVRTC_LIBRARY",
            ::dlerror());
    }

    template <typename Function>
    void find(Function& function, const char* name) const {
        function = reinterpret_cast<Function>(::dlsym(handle_, name));
        if (function != nullptr) return;
        fail<EnvironmentError>(
            "'{}' has no {} (it is no NVRTC, or older than 12.0); load a newer CUDA module or "
            "correct WARPSTEP_NVRTC_LIBRARY",
            file_, name);
    }

  private:
    const char* file_;
    void* handle_;
};

std::vector<int> list_architectures(const Symbols& symbols) {
    decltype(&nvrtcGetNumSupportedArchs) count_of = nullptr;
    decltype(&nvrtcGetSupportedArchs) list = nullptr;
    symbols.find(count_of, "nvrtcGetNumSupportedArchs");
    symbols.find(list, "nvrtcGetSupportedArchs");
    int count = 0;
    if (count_of(&count) != NVRTC_SUCCESS || count <= 0) return {};
    std::vector<int> architectures(static_cast<std::size_t>(count));
    return list(architectures.data()) == NVRTC_SUCCESS ? architectures : std::vector<int>{};
}

std::string version_of(const Symbols& symbols, std::string& path) {
    decltype(&nvrtcVersion) version = nullptr;
    symbols.find(version, "nvrtcVersion");
    Dl_info info{};
    if (::dladdr(reinterpret_cast<void*>(version), &info) != 0) path = info.dli_fname;
    int major = 0, minor = 0;
    version(&major, &minor);
    return fmt::format("{}.{}", major, minor);
}

// A toolkit has lib64 beside include; packages of Python keep every library apart.
std::vector<std::string> find_toolkit_folders(const std::string& path) {
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(path, error).parent_path();
    std::vector<std::string> found;
    for (const char* way :
         {"../include", "../../include", "../../../include", "../../cuda_runtime/include"}) {
        const fs::path include = (folder / way).lexically_normal();
        if (!fs::exists(include / "cuda_fp16.h", error)) continue;
        found.push_back(include);
        // The C++ library of CUDA moved there with toolkit 13.
        if (fs::is_directory(include / "cccl", error)) found.push_back(include / "cccl");
        break;
    }
    return found;
}

// The library's name carries the major version of the toolkit that this was compiled with.
std::string file_name() {
    const char* named = std::getenv("WARPSTEP_NVRTC_LIBRARY");
    if (named != nullptr && *named != '\0') return named;
    return fmt::format("libnvrtc.so.{}", CUDART_VERSION / 1000);
}

NvrtcLibrary open_library() {
    const std::string file = file_name();
    const Symbols symbols(file.c_str());
    NvrtcLibrary library{};
    library.version = version_of(symbols, library.path);
    library.architectures = list_architectures(symbols);
    library.toolkit_folders = find_toolkit_folders(library.path);
    symbols.find(library.create_program, "nvrtcCreateProgram");
    symbols.find(library.destroy_program, "nvrtcDestroyProgram");
    symbols.find(library.compile_program, "nvrtcCompileProgram");
    symbols.find(library.add_name_expression, "nvrtcAddNameExpression");
    symbols.find(library.get_lowered_name, "nvrtcGetLoweredName");
    symbols.find(library.get_program_log_size, "nvrtcGetProgramLogSize");
    symbols.find(library.get_program_log, "nvrtcGetProgramLog");
    symbols.find(library.get_cubin_size, "nvrtcGetCUBINSize");
    symbols.find(library.get_cubin, "nvrtcGetCUBIN");
    symbols.find(library.get_ptx_size, "nvrtcGetPTXSize");
    symbols.find(library.get_ptx, "nvrtcGetPTX");
    symbols.find(library.get_error_string, "nvrtcGetErrorString");
    return library;
}

}  // namespace

const NvrtcLibrary& nvrtc_library() {
    static const NvrtcLibrary library = open_library();
    return library;
}

}  // namespace warpstep::device::nvrtc
