// SPDX-License-Identifier: Apache-2.0
// warpstep_host_bench WHAT RANKS BYTES ROUNDS TURNS, for WHAT all_reduce, all_reduce_in_place,
// direct_reduction, or all_reduce_nodes (RANKS on each of two nodes);
// warpstep_host_bench kernel_calls ROUNDS TURNS; warpstep_host_bench load FILE ROUNDS,
// or yaml FILE ROUNDS: yaml-cpp alone.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/host/bench.hpp"

namespace {

using warpstep::bench::Amount;

void measure(const std::vector<std::string>& words) {
    const auto number = [&](std::size_t at) { return std::stoi(words.at(at)); };
    const std::string& what = words.at(0);
    if (what == "kernel_calls") {
        return warpstep::bench::kernel_calls(Amount{number(1), number(2)});
    }
    if (what == "load") return warpstep::bench::load(words.at(1), number(2));
    if (what == "yaml") return warpstep::bench::yaml(words.at(1), number(2));
    const auto bytes = static_cast<std::size_t>(std::stoull(words.at(2)));
    const Amount amount{number(3), number(4)};
    using warpstep::bench::all_reduce;
    if (what == "all_reduce") return all_reduce({number(1)}, bytes, false, amount);
    if (what == "all_reduce_in_place") return all_reduce({number(1)}, bytes, true, amount);
    if (what == "all_reduce_nodes") {
        return all_reduce({number(1), number(1)}, bytes, false, amount);
    }
    if (what == "direct_reduction") {
        return warpstep::bench::direct_reduction(number(1), bytes, amount);
    }
    throw std::runtime_error("no measurement '" + what + "'; see tests/bench/host/main.cpp");
}

}  // namespace

int main(int count, char** words) {
    try {
        measure({words + 1, words + count});
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "warpstep_host_bench: {}\n", error.what());
        return 1;
    }
}
