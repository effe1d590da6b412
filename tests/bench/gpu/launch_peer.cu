// SPDX-License-Identifier: Apache-2.0
// What a launch costs beyond the launch: a kernel that does nothing worth mentioning, issued by us
// and by a loop of <<<>>>; the same inside a graph of a thousand nodes.
#include <chrono>
#include <vector>

#include "tests/bench/gpu/bench.hpp"

namespace warpstep::bench {
namespace {

constexpr int launches = 1000;

__global__ void axpy_by_hand(std::int64_t n, float alpha, const float* x, float* y) {
    const std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (i < n) y[i] = fmaf(alpha, x[i], y[i]);
}

kernels::Arguments axpy_arguments(float* x, float* y, std::int64_t n) {
    kernels::Arguments arguments;
    arguments.number("alpha", 0.5).buffer("x", x, n, DType::f32).buffer("y", y, n, DType::f32);
    return arguments;
}

/// Records and reads nothing: what a thousand launches take, per launch.
void add(Bench& bench, const char* name, const char* peer, double target, const Work& ours,
         const Work& by_hand, int per_run) {
    const auto seconds = bench.time(ours, by_hand, 5, 31);
    Row row{"launch", name, "s", peer};
    row.ours = seconds.ours / per_run;
    row.peer = seconds.peer / per_run;
    row.more_is_better = false;
    row.target = target;
    bench.add(row);
}

}  // namespace

void measure_launches(Bench& bench) {
    constexpr std::int64_t n = 1024;
    auto x_memory = bench.device().allocate(n * sizeof(float), device::Memory::device);
    auto y_memory = bench.device().allocate(n * sizeof(float), device::Memory::device);
    auto* x = static_cast<float*>(x_memory->data());
    auto* y = static_cast<float*>(y_memory->data());
    const Work by_hand = [&](cudaStream_t stream) {
        for (int i = 0; i < launches; ++i) axpy_by_hand<<<n / 256, 256, 0, stream>>>(n, 0.5F, x, y);
    };
    bench.attempt("launch", "stream", [&] {
        const Work one = bench.kernel("axpy", axpy_arguments(x, y, n));
        const Work ours = [&](cudaStream_t stream) {
            for (int i = 0; i < launches; ++i) one(stream);
        };
        add(bench, "stream", "a loop of <<<>>>", 1.02, ours, by_hand, launches);
    });
    bench.attempt("launch", "stream, event after each", [&] {
        const Work one = bench.kernel("axpy", axpy_arguments(x, y, n));
        auto event = bench.device().make_event();
        cudaEvent_t own = nullptr;
        check(cudaEventCreate(&own), "cudaEventCreate");
        const Work ours = [&](cudaStream_t stream) {
            for (int i = 0; i < launches; ++i) {
                one(stream);
                event->record(bench.our_stream());
            }
        };
        const Work measured_by_hand = [&](cudaStream_t stream) {
            for (int i = 0; i < launches; ++i) {
                axpy_by_hand<<<n / 256, 256, 0, stream>>>(n, 0.5F, x, y);
                check(cudaEventRecord(own, stream), "cudaEventRecord");
            }
        };
        add(bench, "stream, event after each", "the same loop by hand", 1.02, ours,
            measured_by_hand, launches);
        cudaEventDestroy(own);
    });
    bench.attempt("launch", "graph", [&] {
        const Work one = bench.kernel("axpy", axpy_arguments(x, y, n));
        auto graph = bench.device().capture(bench.our_stream(), [&] {
            for (int i = 0; i < launches; ++i) one(bench.stream());
        });
        cudaGraph_t captured = nullptr;
        cudaGraphExec_t ready = nullptr;
        check(cudaStreamBeginCapture(bench.stream(), cudaStreamCaptureModeThreadLocal), "capture");
        by_hand(bench.stream());
        check(cudaStreamEndCapture(bench.stream(), &captured), "capture");
        check(cudaGraphInstantiate(&ready, captured, 0), "cudaGraphInstantiate");
        add(
            bench, "graph", "cudaGraphLaunch", 1.01,
            [&](cudaStream_t) { graph->launch(bench.our_stream()); },
            [&](cudaStream_t stream) { check(cudaGraphLaunch(ready, stream), "cudaGraphLaunch"); },
            launches);
        cudaGraphExecDestroy(ready);
        cudaGraphDestroy(captured);
    });
}

}  // namespace warpstep::bench
