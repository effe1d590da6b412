// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>

#include "kernels/axpy.hpp"
#include "runtime/device/host/cores.hpp"
#include "tests/bench/host/bench.hpp"

namespace warpstep::bench {

void kernel_calls(Amount amount) {
    using Clock = std::chrono::steady_clock;
    float x = 1, y = 0;
    kernels::Arguments arguments;
    arguments.buffer("x", &x, 1, DType::f32).buffer("y", &y, 1, DType::f32).number("alpha", 0.5);
    const device::host::Cores cores(1);
    for (int round = 0; round < amount.rounds; ++round) {
        const auto start = Clock::now();
        for (int turn = 0; turn < amount.turns; ++turn) kernels::axpy(arguments, cores);
        const std::chrono::duration<double> span = Clock::now() - start;
        fmt::print("{}\n", span.count() / amount.turns);
    }
}

}  // namespace warpstep::bench
