// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "runtime/execution/operation.hpp"
#include "runtime/workload/load.hpp"
#include "tests/bench/host/bench.hpp"

namespace warpstep::bench {

void load(const std::string& file, int rounds) {
    using Clock = std::chrono::steady_clock;
    for (int round = 0; round < rounds; ++round) {
        const auto start = Clock::now();
        const auto workload =
            workload::load_workload(file, std::vector<std::string>{}, execution::operations());
        const std::chrono::duration<double> span = Clock::now() - start;
        if (workload.steps.empty()) throw std::runtime_error("a file without steps");
        fmt::print("{}\n", span.count());
    }
}

}  // namespace warpstep::bench
