// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "runtime/base/error.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/library_versions.hpp"
#include "runtime/cuda/backend.hpp"

namespace warpstep::cli {
namespace {

std::string cuda_line() {
    const std::string path = comm::cuda_module_path();
    if (path.empty()) return "no module (built without CUDA, or not installed beside the program)";
    try {
        comm::CudaBackend& backend = comm::cuda_backend();
        const auto versions = backend.versions();
        std::string line =
            fmt::format("{}\n          runtime {}, NCCL {}, driver {}", path, versions.runtime,
                        versions.nccl.empty() ? "not found" : versions.nccl,
                        versions.driver.empty() ? "not found" : versions.driver);
        try {
            for (const auto& device : backend.devices()) {
                line += fmt::format("\n          {} {} {}", device.pci, device.uuid, device.name);
            }
        } catch (const Error& error) {
            line += fmt::format("\n          {}", error.what());
        }
        return line;
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace

std::string version_text() {
    return WARPSTEP_VERSION_TEXT;
}

report::Versions library_versions() {
    report::Versions versions;
    versions.warpstep = version_text();
    versions.pmix = WARPSTEP_PMIX_VERSION;
    versions.hwloc = WARPSTEP_HWLOC_VERSION;
    return versions;
}

int version() {
    const report::Versions versions = library_versions();
    fmt::print("warpstep  {}\nPMIx      {}\nhwloc     {}\nCUDA      {}\n", versions.warpstep,
               versions.pmix, versions.hwloc, cuda_line());
    return 0;
}

}  // namespace warpstep::cli
