// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/cuda_event.hpp"

#include <cuda_runtime_api.h>

#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::device::cuda {

CudaEvent::CudaEvent(int ordinal) : ordinal_(ordinal) {
    const CurrentDevice current(ordinal);
    cudaEvent_t event = nullptr;
    WARPSTEP_CUDA_CHECK(cudaEventCreate(&event));
    event_ = event;
}

CudaEvent::~CudaEvent() {
    ignore(cudaEventDestroy(static_cast<cudaEvent_t>(event_)));
}

void CudaEvent::record(Stream& stream) {
    WARPSTEP_CUDA_CHECK_ON(ordinal_, cudaEventRecord(static_cast<cudaEvent_t>(event_),
                                                     static_cast<cudaStream_t>(stream.native())));
}

void CudaEvent::synchronize() {
    WARPSTEP_CUDA_CHECK_ON(ordinal_, cudaEventSynchronize(static_cast<cudaEvent_t>(event_)));
}

double CudaEvent::seconds_since(const Event& earlier) const {
    const auto& start = static_cast<const CudaEvent&>(earlier);
    float milliseconds = 0;
    WARPSTEP_CUDA_CHECK_ON(
        ordinal_, cudaEventElapsedTime(&milliseconds, static_cast<cudaEvent_t>(start.event_),
                                       static_cast<cudaEvent_t>(event_)));
    return static_cast<double>(milliseconds) * 1e-3;
}

}  // namespace warpstep::device::cuda
