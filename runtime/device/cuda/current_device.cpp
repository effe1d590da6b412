// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cuda/current_device.hpp"

#include <cuda_runtime_api.h>

#include <map>
#include <mutex>

#include "runtime/device/cuda/check.hpp"

namespace warpstep::device::cuda {
namespace {

std::mutex mutex;
std::map<int, std::string> uuids;
thread_local int last_current = 0;

}  // namespace

CurrentDevice::CurrentDevice(int ordinal) {
    WARPSTEP_CUDA_CHECK(cudaGetDevice(&previous_));
    last_current = ordinal;
    if (previous_ == ordinal) return;
    WARPSTEP_CUDA_CHECK(cudaSetDevice(ordinal));
    switched_ = true;
}

CurrentDevice::~CurrentDevice() {
    last_current = previous_;
    if (switched_) ignore(cudaSetDevice(previous_));
}

std::string uuid_of_current() {
    const std::lock_guard lock(mutex);
    const auto it = uuids.find(last_current);
    return it == uuids.end() ? "" : it->second;
}

void make_current(int ordinal, const std::string& uuid) {
    {
        const std::lock_guard lock(mutex);
        uuids[ordinal] = uuid;
    }
    last_current = ordinal;
    WARPSTEP_CUDA_CHECK(cudaSetDevice(ordinal));
}

}  // namespace warpstep::device::cuda
