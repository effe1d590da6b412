// SPDX-License-Identifier: Apache-2.0
#include "kernels/launch_limits.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"
#include "runtime/device/gpu_models.hpp"

namespace warpstep::kernels {
namespace {

void check_extents(std::string_view what, const std::array<std::uint32_t, 3>& extents,
                   const std::array<std::uint32_t, 3>& most) {
    for (std::size_t i = 0; i < 3; ++i) {
        if (extents[i] >= 1 && extents[i] <= most[i]) continue;
        fail<ConfigError>("the {} is {} in {} (this GPU allows 1 to {}); choose another '{}'", what,
                          extents[i], std::string_view("xyz").substr(i, 1), most[i], what);
    }
}

void check_threads(const LaunchShape& shape, const LaunchLimits& limits) {
    const auto& block = shape.block;
    const std::uint64_t threads = std::uint64_t{block[0]} * block[1] * block[2];
    if (threads <= limits.threads_of_block) return;
    if (!limits.registers) {
        fail<ConfigError>(
            "a block has {} threads (this kernel allows {}, as all do); choose a smaller 'block'",
            threads, limits.threads_of_block);
    }
    fail<ConfigError>(
        "a block has {} threads (this kernel allows {}, with {} registers each); choose a smaller "
        "'block', or limit the registers with __launch_bounds__",
        threads, limits.threads_of_block, *limits.registers);
}

void check_shared(const LaunchShape& shape, const LaunchLimits& limits) {
    const std::uint64_t needed = shape.shared_bytes + limits.shared_of_kernel;
    if (!limits.shared_of_block || needed <= *limits.shared_of_block) return;
    const std::string parts =
        limits.shared_of_kernel == 0
            ? ""
            : fmt::format("{} of 'shared' and {} in the kernel; ", show_bytes(shape.shared_bytes),
                          show_bytes(limits.shared_of_kernel));
    fail<ConfigError>(
        "a block needs {} of shared memory ({}this GPU has {}); choose a smaller 'shared'",
        show_bytes(needed), parts, show_bytes(*limits.shared_of_block));
}

}  // namespace

void check_launch(const LaunchShape& shape, const LaunchLimits& limits) {
    check_extents("block", shape.block, limits.block);
    check_extents("grid", shape.grid, limits.grid);
    check_threads(shape, limits);
    check_shared(shape, limits);
}

std::uint64_t most_threads(int registers_of_thread) {
    constexpr std::uint64_t warp = 32, piece = 256, parts = 4;
    const auto& launch = device::gpu_models().launch;
    const auto registers = static_cast<std::uint64_t>(std::max(1, registers_of_thread));
    const std::uint64_t of_warp = (registers * warp + piece - 1) / piece * piece;
    const std::uint64_t of_part = static_cast<std::uint64_t>(launch.registers_of_block) / parts;
    return std::min(launch.threads_of_block, of_part / of_warp * parts * warp);
}

LaunchLimits launch_limits(const ImageFunction* function,
                           std::optional<std::uint64_t> shared_of_block) {
    const auto& launch = device::gpu_models().launch;
    LaunchLimits limits{launch.block, launch.grid,     launch.threads_of_block,
                        std::nullopt, shared_of_block, 0};
    if (function == nullptr) return limits;
    if (function->registers) {
        limits.registers = function->registers;
        limits.threads_of_block = most_threads(*function->registers);
    }
    if (function->bounded_threads) {
        limits.threads_of_block = std::min(limits.threads_of_block, *function->bounded_threads);
    }
    limits.shared_of_kernel = function->shared_bytes.value_or(0);
    return limits;
}

}  // namespace warpstep::kernels
