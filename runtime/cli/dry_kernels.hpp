// SPDX-License-Identifier: Apache-2.0
// What a dry run can tell of users' kernels.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "kernels/user_image.hpp"
#include "runtime/base/error.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::cli {

/// Asks each kernel once: a cubin what it says of itself, and the compiler, where the module and
/// NVRTC are here and the architecture is known, what becomes of a source. Needs no GPU; an image
/// that was compiled stays in the cache, where a run finds it.
class DryKernels {
  public:
    /// `arch`: "sm_90" of the ranks' GPUs, "" when nobody knows.
    explicit DryKernels(std::string arch) : arch_(std::move(arch)) {}

    /// Nothing where nobody can tell. Errors: ConfigError as of a run: a source that does not
    /// compile, an image for another GPU, arguments that are not the signature's.
    std::optional<kernels::ImageFunction> look(const workload::KernelSpec& spec);

  private:
    struct Known {
        std::optional<kernels::ImageFunction> function;
        std::optional<ConfigError> problem;
    };
    std::optional<kernels::ImageFunction> find(const workload::KernelSpec& spec) const;

    std::string arch_;
    std::map<std::string, Known> known_;
};

}  // namespace warpstep::cli
