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
thread_local std::optional<int> chosen;

}  // namespace

CurrentDevice::CurrentDevice(int ordinal) : before_(chosen) {
    int current = 0;
    WARPSTEP_CUDA_CHECK_ON(ordinal, cudaGetDevice(&current));
    if (current != ordinal) WARPSTEP_CUDA_CHECK_ON(ordinal, cudaSetDevice(ordinal));
    chosen = ordinal;
}

CurrentDevice::~CurrentDevice() {
    if (!before_ || before_ == chosen) return;
    chosen = before_;
    ignore(cudaSetDevice(*before_));
}

std::optional<int> chosen_device() {
    return chosen;
}

std::string uuid_of_current() {
    return chosen ? uuid_of(*chosen) : "";
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
    chosen = ordinal;
}

}  // namespace warpstep::device::cuda
