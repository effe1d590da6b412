// SPDX-License-Identifier: Apache-2.0
// What a launch of a user's kernel is, decided before anything is compiled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/launch_limits.hpp"
#include "kernels/user_kernel.hpp"
#include "runtime/plan/buffers.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// Sizes and values of one launch on this rank.
struct LaunchPlan {
    kernels::LaunchShape shape;
    bool empty = false;             ///< `threads` is 0: nothing is launched
    std::vector<std::string> bits;  ///< of the value arguments, in order; "" for buffers
    double bytes = 0, flops = 0;
};
/// Errors: ConfigError with the place for an extent or value that does not fit its type.
LaunchPlan plan_launch(const workload::KernelSpec& spec, const RankScope& scope);

/// A launch against what the GPU allows, by what is known of it and of the kernel. Errors:
/// ConfigError with the kernel's place.
void check_limits(const workload::KernelSpec& spec, const kernels::LaunchShape& shape,
                  const kernels::LaunchLimits& limits);

/// What every active step refuses before any memory is taken: a kernel on the host device, a buffer
/// it cannot reach, sizes that do not fit. Errors: ConfigError with the place.
void check_user_kernel(const workload::Step& step, const workload::KernelSpec& spec,
                       const std::vector<BufferPlan>& buffers, device::Kind kind,
                       const RankScope& scope);

}  // namespace warpstep::plan
