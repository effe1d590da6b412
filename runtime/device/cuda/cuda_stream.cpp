// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/cuda_stream.hpp"

#include <cuda_runtime_api.h>

#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/cuda_event.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::device::cuda {
namespace {

cudaStream_t create(bool high_priority) {
    int least = 0;
    int greatest = 0;
    WARPSTEP_CUDA_CHECK(cudaDeviceGetStreamPriorityRange(&least, &greatest));
    cudaStream_t stream = nullptr;
    WARPSTEP_CUDA_CHECK(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking,
                                                     high_priority ? greatest : least));
    return stream;
}

}  // namespace

CudaStream::CudaStream(int ordinal, bool high_priority) : ordinal_(ordinal) {
    const CurrentDevice current(ordinal);
    stream_ = create(high_priority);
}

CudaStream::~CudaStream() {
    ignore(cudaStreamDestroy(static_cast<cudaStream_t>(stream_)));
}

void CudaStream::synchronize() {
    WARPSTEP_CUDA_CHECK_ON(ordinal_, cudaStreamSynchronize(static_cast<cudaStream_t>(stream_)));
}

bool CudaStream::done() {
    const cudaError_t code = cudaStreamQuery(static_cast<cudaStream_t>(stream_));
    if (code == cudaErrorNotReady) return false;
    if (code != cudaSuccess) throw_cuda_on(ordinal_, code, "cudaStreamQuery", __FILE__, __LINE__);
    return true;
}

void CudaStream::wait(const Event& event) {
    WARPSTEP_CUDA_CHECK_ON(
        ordinal_, cudaStreamWaitEvent(
                      static_cast<cudaStream_t>(stream_),
                      static_cast<cudaEvent_t>(static_cast<const CudaEvent&>(event).native()), 0));
}

}  // namespace warpstep::device::cuda
