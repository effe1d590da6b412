// SPDX-License-Identifier: Apache-2.0
// `warpstep compile`: kernels of the user's, compiled and checked where there is no GPU.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace warpstep::cli {

struct CompileOptions {
    std::string file;    ///< a .cu, or a workload
    std::string arch;    ///< "sm_90", "compute_90"; "": of the GPU at hand
    std::string output;  ///< "": beside the caller for a .cu, the cache for a workload
    std::string entry;   ///< of a .cu; "": all kernels it defines
    std::vector<std::string> overrides;                          ///< --set, of a workload
    std::vector<std::string> defines, include_folders, options;  ///< of a .cu
};

/// Registers the subcommand `compile`; `options` must outlive the parsing.
const CLI::App* add_compile(CLI::App& app, CompileOptions& options);

/// Errors: ConfigError with the compiler's messages, for arguments that do not fit the compiled
/// function, or where no architecture was given and there is no GPU; EnvironmentError without
/// module or NVRTC.
int compile(const CompileOptions& options);

}  // namespace warpstep::cli
