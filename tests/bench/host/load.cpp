// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <stdexcept>

#include "runtime/plan/operations.hpp"
#include "runtime/workload/load.hpp"
#include "tests/bench/host/bench.hpp"

namespace warpstep::bench {

namespace {

template <typename Read>
void print_rounds(int rounds, Read read) {
    using Clock = std::chrono::steady_clock;
    for (int round = 0; round < rounds; ++round) {
        const auto start = Clock::now();
        const auto result = read();
        const std::chrono::duration<double> span = Clock::now() - start;
        fmt::print("{}\n", span.count());
    }
}

}  // namespace

void load(const std::string& file, int rounds) {
    print_rounds(rounds, [&] {
        auto workload =
            workload::load_workload(file, std::vector<std::string>{}, plan::operations());
        if (workload.steps.empty()) throw std::runtime_error("a file without steps");
        return workload;
    });
}

void yaml(const std::string& file, int rounds) {
    print_rounds(rounds, [&] { return YAML::LoadFile(file); });
}

}  // namespace warpstep::bench
