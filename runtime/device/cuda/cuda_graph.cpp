// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/cuda_graph.hpp"

#include <cuda_runtime_api.h>

#include <memory>
#include <type_traits>

#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::device::cuda {
namespace {

struct Destroy {
    void operator()(cudaGraph_t graph) const { ignore(cudaGraphDestroy(graph)); }
};
using Captured = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, Destroy>;

// Ends the capture on every way out, because a stream that captures can do nothing else.
// Thread-local mode: what other threads of the task do meanwhile is theirs.
Captured capture(cudaStream_t stream, const std::function<void()>& body) {
    WARPSTEP_CUDA_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    cudaGraph_t graph = nullptr;
    try {
        body();
    } catch (...) {
        const cudaError_t code = cudaStreamEndCapture(stream, &graph);
        cudaGetLastError();
        if (code == cudaSuccess && graph != nullptr) ignore(cudaGraphDestroy(graph));
        throw;
    }
    WARPSTEP_CUDA_CHECK(cudaStreamEndCapture(stream, &graph));
    return Captured(graph);
}

}  // namespace

CudaGraph::CudaGraph(int ordinal, Stream& stream, const std::function<void()>& body)
    : ordinal_(ordinal), stream_(stream) {
    const CurrentDevice current(ordinal_);
    const Captured graph = capture(static_cast<cudaStream_t>(stream.native()), body);
    WARPSTEP_CUDA_CHECK(cudaGraphInstantiate(&executable_, graph.get(), 0));
}

CudaGraph::~CudaGraph() {
    if (executable_ != nullptr) ignore(cudaGraphExecDestroy(executable_));
}

void CudaGraph::launch(Stream& stream) {
    WARPSTEP_CUDA_CHECK_ON(
        ordinal_, cudaGraphLaunch(executable_, static_cast<cudaStream_t>(stream.native())));
}

void CudaGraph::update(const std::function<void()>& body) {
    const CurrentDevice current(ordinal_);
    const Captured graph = capture(static_cast<cudaStream_t>(stream_.native()), body);
    cudaGraphExecUpdateResultInfo result{};
    if (answered(cudaGraphExecUpdate(executable_, graph.get(), &result))) return;
    // Another shape: that is no failure, but the old executable cannot become it.
    cudaGraphExec_t fresh = nullptr;
    WARPSTEP_CUDA_CHECK(cudaGraphInstantiate(&fresh, graph.get(), 0));
    ignore(cudaGraphExecDestroy(executable_));
    executable_ = fresh;
}

}  // namespace warpstep::device::cuda
