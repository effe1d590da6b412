// SPDX-License-Identifier: Apache-2.0
#include "kernels/plan.cuh"

#include <cuda_runtime_api.h>

#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"

namespace warpstep::kernels::cuda {

Plan::~Plan() {
    for (const Block& block : blocks_) device::cuda::ignore(cudaFree(block.data));
}

// Work of an earlier issue may still use a block that has become too small; cudaFree waits for it.
void* Plan::scratch(std::size_t bytes) {
    if (blocks_used_ == blocks_.size()) blocks_.emplace_back();
    Block& block = blocks_[blocks_used_++];
    if (block.bytes >= bytes) return block.data;
    device::cuda::ignore(cudaFree(block.data));
    block = {};
    if (const cudaError_t code = cudaMalloc(&block.data, bytes); code != cudaSuccess) {
        block = {};
        cudaGetLastError();
        fail<DeviceError>("cannot allocate {} of scratch memory ({}); use smaller buffers",
                          show_bytes(bytes), device::cuda::describe(code));
    }
    block.bytes = bytes;
    return block.data;
}

void Plan::clear() {
    calls_.clear();
    blocks_used_ = 0;
}

void Plan::issue(cudaStream_t stream) const {
    for (const auto& call : calls_) call(stream);
}

}  // namespace warpstep::kernels::cuda
