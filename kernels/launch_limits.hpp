// SPDX-License-Identifier: Apache-2.0
// What a launch of a user's kernel may ask for: one judgement and one wording for the plan, which
// knows what data sheets and compilers say, and for the device, which asks its driver.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/user_image.hpp"
#include "kernels/user_kernel.hpp"

namespace warpstep::kernels {

struct LaunchLimits {
    std::array<std::uint32_t, 3> block{}, grid{};
    std::uint64_t threads_of_block = 0;            ///< of this kernel
    std::optional<int> registers;                  ///< of a thread; nothing: nobody knows
    std::optional<std::uint64_t> shared_of_block;  ///< bytes; nothing: nobody knows
    std::uint64_t shared_of_kernel = 0;            ///< bytes that it declares itself
};

/// Errors: ConfigError that names the first limit that the shape is beyond.
void check_launch(const LaunchShape& shape, const LaunchLimits& limits);

/// What a GPU of our architectures allows, by gpu-models.yaml: any kernel when `function` is
/// nullptr, else one of so many registers and so much shared memory. What the function does not
/// tell is not limited.
LaunchLimits launch_limits(const ImageFunction* function,
                           std::optional<std::uint64_t> shared_of_block);

/// The most threads of a block whose threads have so many registers, which are given to warps in
/// pieces of 256 and by each of the four parts of a multiprocessor. Source: the toolkit's
/// cuda_occupancy.h.
std::uint64_t most_threads(int registers_of_thread);

}  // namespace warpstep::kernels
