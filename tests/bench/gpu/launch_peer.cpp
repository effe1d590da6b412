// SPDX-License-Identifier: Apache-2.0
// What a launch costs beyond the launch: a kernel that does nothing worth mentioning, issued by us
// and by a loop of <<<>>>; the same inside a graph of a thousand nodes.
#include "tests/bench/gpu/bench.hpp"
#include "tests/bench/gpu/by_hand.hpp"

namespace warpstep::bench {
namespace {

constexpr int launches = 1000;
constexpr std::int64_t n = 1024;

void add(Bench& bench, const char* name, const char* peer, double target, const Work& ours,
         const Work& by_hand) {
    const auto seconds = bench.time(ours, by_hand, 5, 31);
    Row row;
    row.group = "launch";
    row.name = name;
    row.unit = "s";
    row.peer_name = peer;
    row.ours = seconds.ours / launches;
    row.peer = seconds.peer / launches;
    row.more_is_better = false;
    row.target = target;
    bench.add(row);
}

Work repeat(Work once) {
    return [once = std::move(once)](cudaStream_t stream) {
        for (int i = 0; i < launches; ++i) once(stream);
    };
}

/// A graph that a user has captured.
class DirectGraph {
  public:
    DirectGraph(cudaStream_t stream, const Work& body) {
        cudaGraph_t captured = nullptr;
        check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "capture");
        body(stream);
        check(cudaStreamEndCapture(stream, &captured), "capture");
        check(cudaGraphInstantiate(&ready_, captured, 0), "cudaGraphInstantiate");
        cudaGraphDestroy(captured);
    }
    ~DirectGraph() { cudaGraphExecDestroy(ready_); }
    DirectGraph(const DirectGraph&) = delete;
    DirectGraph& operator=(const DirectGraph&) = delete;
    void launch(cudaStream_t stream) const {
        check(cudaGraphLaunch(ready_, stream), "cudaGraphLaunch");
    }

  private:
    cudaGraphExec_t ready_ = nullptr;
};

}  // namespace

void measure_launches(Bench& bench) {
    const auto x_memory = bench.device().allocate(n * sizeof(float), device::Memory::device);
    const auto y_memory = bench.device().allocate(n * sizeof(float), device::Memory::device);
    auto* x = static_cast<float*>(x_memory->data());
    auto* y = static_cast<float*>(y_memory->data());
    kernels::Arguments arguments;
    arguments.number("alpha", 0.5).buffer("x", x, n, DType::f32).buffer("y", y, n, DType::f32);
    const Work by_hand = [=](cudaStream_t stream) { by_hand::axpy(n, 0.5F, x, y, stream); };

    bench.attempt("launch", "stream", [&] {
        add(bench, "stream", "a loop of <<<>>>", 1.02, repeat(bench.kernel("axpy", arguments)),
            repeat(by_hand));
    });
    bench.attempt("launch", "stream, event after each", [&] {
        const Work one = bench.kernel("axpy", arguments);
        const auto event = bench.device().make_event();
        cudaEvent_t own = nullptr;
        check(cudaEventCreate(&own), "cudaEventCreate");
        add(bench, "stream, event after each", "the same loop by hand", 1.02,
            repeat([&](cudaStream_t stream) {
                one(stream);
                event->record(bench.our_stream());
            }),
            repeat([&](cudaStream_t stream) {
                by_hand(stream);
                check(cudaEventRecord(own, stream), "cudaEventRecord");
            }));
        cudaEventDestroy(own);
    });
    bench.attempt("launch", "graph", [&] {
        const Work one = repeat(bench.kernel("axpy", arguments));
        const auto graph = bench.device().capture(bench.our_stream(), [&] { one(bench.stream()); });
        const DirectGraph direct(bench.stream(), repeat(by_hand));
        add(
            bench, "graph", "cudaGraphLaunch", 1.01,
            [&](cudaStream_t) { graph->launch(bench.our_stream()); },
            [&](cudaStream_t stream) { direct.launch(stream); });
    });
}

}  // namespace warpstep::bench
