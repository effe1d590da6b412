// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nvrtc.h>

#include <string>
#include <vector>

namespace warpstep::device::nvrtc {

/// NVRTC as it was found at run time: one pointer for each function we call.
struct NvrtcLibrary {
    std::string version;                       ///< "13.0"
    std::string path;                          ///< the file that was opened
    std::vector<int> architectures;            ///< 75, 80, …
    std::vector<std::string> toolkit_folders;  ///< the toolkit's headers beside it; may be empty

    decltype(&nvrtcCreateProgram) create_program;
    decltype(&nvrtcDestroyProgram) destroy_program;
    decltype(&nvrtcCompileProgram) compile_program;
    decltype(&nvrtcAddNameExpression) add_name_expression;
    decltype(&nvrtcGetLoweredName) get_lowered_name;
    decltype(&nvrtcGetProgramLogSize) get_program_log_size;
    decltype(&nvrtcGetProgramLog) get_program_log;
    decltype(&nvrtcGetCUBINSize) get_cubin_size;
    decltype(&nvrtcGetCUBIN) get_cubin;
    decltype(&nvrtcGetPTXSize) get_ptx_size;
    decltype(&nvrtcGetPTX) get_ptx;
    decltype(&nvrtcGetErrorString) get_error_string;
};

/// Opened at first use, which takes about 15 ms, and kept until the process ends: the file named by
/// WARPSTEP_NVRTC_LIBRARY, else libnvrtc.so of the toolkit's major version as the loader finds it
/// (LD_LIBRARY_PATH, then beside the CUDA toolkit of the build, then the system). Errors:
/// EnvironmentError that names what is missing.
const NvrtcLibrary& nvrtc_library();

}  // namespace warpstep::device::nvrtc
