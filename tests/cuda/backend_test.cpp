// SPDX-License-Identifier: Apache-2.0
#include "runtime/cuda/backend.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/base/error.hpp"

using namespace warpstep;
namespace fs = std::filesystem;

namespace {

/// A folder that WARPSTEP_MODULE_DIR names as long as the test runs.
struct ModuleFolder {
    ModuleFolder()
        : path(fs::temp_directory_path() / ("warpstep-module-" + std::to_string(getpid()))) {
        fs::create_directories(path);
        ::setenv("WARPSTEP_MODULE_DIR", path.c_str(), 1);
    }
    ~ModuleFolder() {
        ::unsetenv("WARPSTEP_MODULE_DIR");
        fs::remove_all(path);
    }
    fs::path path;
};

std::string error_of_opening() {
    try {
        comm::cuda_backend();
    } catch (const EnvironmentError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("comm: a missing CUDA module is an error that says where it was looked for") {
    const ModuleFolder folder;
    CHECK(comm::cuda_module_path().empty());
    CHECK(error_of_opening().find("no CUDA module (looked for warpstep_cuda.so in " +
                                  folder.path.string() + ")") == 0);
}

TEST_CASE("comm: a CUDA module that the loader refuses is an error with its reason") {
    const ModuleFolder folder;
    const auto module = folder.path / "warpstep_cuda.so";
    std::ofstream(module) << "not a library";
    CHECK(comm::cuda_module_path() == module.string());
    const auto error = error_of_opening();
    CHECK(error.find("cannot open the CUDA module " + module.string() + " (") == 0);
}

TEST_CASE("comm: a CUDA module of another build is refused") {
    const ModuleFolder folder;
    fs::copy_file(WARPSTEP_FOREIGN_MODULE, folder.path / "warpstep_cuda.so");
    CHECK(
        error_of_opening().find("does not belong to this warpstep (it was built from other headers "
                                "than ") != std::string::npos);
}
