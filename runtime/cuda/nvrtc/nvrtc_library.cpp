// SPDX-License-Identifier: Apache-2.0
#include "runtime/cuda/nvrtc/nvrtc_library.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <filesystem>

#include "runtime/base/shared_library.hpp"

namespace warpstep::device::nvrtc {
namespace {

namespace fs = std::filesystem;

std::vector<int> list_architectures(const SharedLibrary& symbols) {
    decltype(&nvrtcGetNumSupportedArchs) count_of = nullptr;
    decltype(&nvrtcGetSupportedArchs) list = nullptr;
    symbols.required(count_of, "nvrtcGetNumSupportedArchs");
    symbols.required(list, "nvrtcGetSupportedArchs");
    int count = 0;
    if (count_of(&count) != NVRTC_SUCCESS || count <= 0) return {};
    std::vector<int> architectures(static_cast<std::size_t>(count));
    return list(architectures.data()) == NVRTC_SUCCESS ? architectures : std::vector<int>{};
}

std::string version_of(const SharedLibrary& symbols) {
    decltype(&nvrtcVersion) version = nullptr;
    symbols.required(version, "nvrtcVersion");
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
NvrtcLibrary open_library() {
    SharedLibrary symbols =
        SharedLibrary::open({"NVRTC",
                             "WARPSTEP_NVRTC_LIBRARY",
                             {fmt::format("libnvrtc.so.{}", CUDART_VERSION / 1000)},
                             "",
                             "load the site's CUDA module",
                             "nvrtcVersion",
                             "does not tell its version",
                             "12.0 or newer is needed",
                             "load a newer CUDA module"});
    NvrtcLibrary library{};
    library.version = version_of(symbols);
    library.path = symbols.path();
    symbols.set_version(library.version);
    library.architectures = list_architectures(symbols);
    library.toolkit_folders = find_toolkit_folders(library.path);
    symbols.required(library.create_program, "nvrtcCreateProgram");
    symbols.required(library.destroy_program, "nvrtcDestroyProgram");
    symbols.required(library.compile_program, "nvrtcCompileProgram");
    symbols.required(library.add_name_expression, "nvrtcAddNameExpression");
    symbols.required(library.get_lowered_name, "nvrtcGetLoweredName");
    symbols.required(library.get_program_log_size, "nvrtcGetProgramLogSize");
    symbols.required(library.get_program_log, "nvrtcGetProgramLog");
    symbols.required(library.get_cubin_size, "nvrtcGetCUBINSize");
    symbols.required(library.get_cubin, "nvrtcGetCUBIN");
    symbols.required(library.get_ptx_size, "nvrtcGetPTXSize");
    symbols.required(library.get_ptx, "nvrtcGetPTX");
    symbols.required(library.get_error_string, "nvrtcGetErrorString");
    return library;
}

}  // namespace

const NvrtcLibrary& nvrtc_library() {
    static const NvrtcLibrary library = open_library();
    return library;
}

}  // namespace warpstep::device::nvrtc
