// SPDX-License-Identifier: Apache-2.0
// The processor time that reading and checking a file of 1000 steps takes:  parse_bench [STEPS]
// [TIMES]
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "runtime/workload/load.hpp"

namespace {

using warpstep::workload::OperationSignature;

std::vector<OperationSignature> operations() {
    return {{"all_reduce", {"buffer"}, {"op"}, {{"op", {"avg", "sum"}}}},
            {"axpy", {"alpha", "x", "y"}, {}}};
}

// Every step has what steps usually have: arguments, a repetition, a check, an expectation.
std::string text_of(int steps) {
    std::string text =
        "version: 1\nname: many\nparams: { n: 64Ki, lr: 0.1 }\nstreams: { side: {} }\nbuffers:\n"
        "  x: { dtype: f32, count: n, init: { random: normal, seed: rank } }\n"
        "  y: { dtype: f32, count: n, init: iota }\nsteps:\n";
    for (int i = 0; i < steps; ++i) {
        text += fmt::format("  - name: update-{}\n    run: axpy\n", i);
        text += "    with: { alpha: -lr * (rank + 1), x: x, y: y }\n";
        text += "    if: rank < ranks / 2 or device.kind == cuda\n";
        if (i > 0) text += fmt::format("    needs: [update-{}]\n    stream: side\n", i - 1);
        text += "    repeat: { warmup: 2, times: 10 }\n";
        text += "    verify: { y: { equals: before(y) - lr * x, ulp: 2 } }\n";
        text += "    expect: [ bandwidth.median >= 80% * device.peak.memory_bandwidth ]\n";
    }
    return text;
}

double milliseconds(const std::string& text) {
    const std::clock_t start = std::clock();
    const auto workload = warpstep::workload::parse_workload(text, "many.yaml", {}, operations());
    const std::clock_t end = std::clock();
    if (workload.steps.empty()) std::abort();
    return 1000.0 * static_cast<double>(end - start) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 1000;
    const int times = argc > 2 ? std::atoi(argv[2]) : 20;
    const std::string text = text_of(std::max(1, steps));
    std::vector<double> samples;
    for (int i = 0; i < std::max(1, times); ++i) samples.push_back(milliseconds(text));
    std::sort(samples.begin(), samples.end());
    fmt::print("{} steps, {} bytes: least {:.2f} ms, median {:.2f} ms\n", steps, text.size(),
               samples.front(), samples[samples.size() / 2]);
}
