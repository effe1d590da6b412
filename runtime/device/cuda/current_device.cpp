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
    WARPSTEP_CUDA_CHECK_ON(ordinal, cudaGetDevice(&previous_));
    if (previous_ != ordinal) {
        WARPSTEP_CUDA_CHECK_ON(ordinal, cudaSetDevice(ordinal));
        switched_ = true;
    }
    last_current = ordinal;
}

CurrentDevice::~CurrentDevice() {
    last_current = previous_;
    if (switched_) ignore(cudaSetDevice(previous_));
}

std::string uuid_of_current() {
    return uuid_of(last_current);
}

std::string uuid_of(int ordinal) {
    const std::lock_guard lock(mutex);
    const auto it = uuids.find(ordinal);
    return it == uuids.end() ? "" : it->second;
}

void make_current(int ordinal, const std::string& uuid) {
    {
        const std::lock_guard lock(mutex);
        uuids[ordinal] = uuid;
    }
    WARPSTEP_CUDA_CHECK_ON(ordinal, cudaSetDevice(ordinal));
    last_current = ordinal;
}

}  // namespace warpstep::device::cuda
