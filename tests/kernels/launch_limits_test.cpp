// SPDX-License-Identifier: Apache-2.0
#include "kernels/launch_limits.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "runtime/base/error.hpp"

using namespace warpstep;
using namespace warpstep::kernels;

namespace {

std::string refusal(const LaunchShape& shape, const LaunchLimits& limits) {
    try {
        check_launch(shape, limits);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "";
}

ImageFunction with_registers(int count) {
    return {"k", {}, count, std::size_t{0}};
}

}  // namespace

// What cudaOccMaxActiveBlocksPerMultiprocessor() of the toolkit says of kernels with so many
// registers.
TEST_CASE("kernels: registers leave so many threads of a block") {
    for (const auto& [registers, threads] : {std::pair{16, 1024},
                                             {64, 1024},
                                             {65, 896},
                                             {72, 896},
                                             {80, 768},
                                             {96, 640},
                                             {128, 512},
                                             {168, 384},
                                             {255, 256}}) {
        CAPTURE(registers);
        CHECK(most_threads(registers) == static_cast<std::uint64_t>(threads));
    }
}

TEST_CASE(
    "kernels: a block of more threads than its registers allow is refused with both numbers") {
    const ImageFunction function = with_registers(128);
    const LaunchLimits limits = launch_limits(&function, std::nullopt);
    CHECK(refusal({{1, 1, 1}, {512, 1, 1}, 0}, limits).empty());
    CHECK(refusal({{1, 1, 1}, {32, 17, 1}, 0}, limits) ==
          "a block has 544 threads (this kernel allows 512, with 128 registers each); choose a "
          "smaller 'block', or limit the registers with __launch_bounds__");
    CHECK(
        refusal({{1, 1, 1}, {32, 33, 1}, 0}, launch_limits(nullptr, std::nullopt)) ==
        "a block has 1056 threads (this kernel allows 1024, as all do); choose a smaller 'block'");
}

TEST_CASE("kernels: __launch_bounds__ limits a block, too") {
    ImageFunction function = with_registers(16);
    function.bounded_threads = 256;
    CHECK(launch_limits(&function, std::nullopt).threads_of_block == 256);
}

TEST_CASE("kernels: shared memory of the launch and of the kernel count together") {
    ImageFunction function = with_registers(16);
    function.shared_bytes = 1024;
    const std::uint64_t all = 227 * 1024;
    const LaunchLimits limits = launch_limits(&function, all);
    CHECK(refusal({{1, 1, 1}, {32, 1, 1}, all - 1024}, limits).empty());
    CHECK(refusal({{1, 1, 1}, {32, 1, 1}, all}, limits) ==
          "a block needs 228 KiB of shared memory (227 KiB of 'shared' and 1 KiB in the kernel; "
          "this GPU has 227 KiB); choose a smaller 'shared'");
    CHECK(refusal({{1, 70000, 1}, {32, 1, 1}, 0}, limits) ==
          "the grid is 70000 in y (this GPU allows 1 to 65535); choose another 'grid'");
}
