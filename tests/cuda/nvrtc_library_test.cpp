// SPDX-License-Identifier: Apache-2.0
// nvrtc_library.cpp as a build with toolkit 12 compiles it; where there is no such NVRTC, the error
// names what was looked for.
#include "runtime/cuda/nvrtc/nvrtc_library.hpp"

#include <cuda_runtime_api.h>
#include <doctest/doctest.h>

#include <cstdlib>

#include "runtime/base/error.hpp"

using namespace warpstep;

namespace {

std::string opened() {
    try {
        return device::nvrtc::nvrtc_library().path;
    } catch (const EnvironmentError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("device: NVRTC is looked for by the major version of the toolkit of the build") {
    ::unsetenv("WARPSTEP_NVRTC_LIBRARY");
    const std::string said = opened();
    CAPTURE(said);
    CHECK(said.find(fmt::format("libnvrtc.so.{}", CUDART_VERSION / 1000)) != std::string::npos);
    CHECK(CUDART_VERSION / 1000 == 12);
}
