// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/bounded_abort.hpp"

#include <cuda_runtime_api.h>

#include <future>
#include <memory>
#include <thread>

#include "runtime/base/log.hpp"
#include "runtime/device/cuda/check.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::comm::nccl {
namespace {

void abort_in_thread(const NcclLibrary& library, ncclComm_t comm,
                     std::chrono::milliseconds patience) {
    auto ended = std::make_shared<std::promise<void>>();
    auto end = ended->get_future();
    std::thread([&library, comm, ended, gpu = device::cuda::chosen_device()] {
        // NCCL gives a thread back the device that it finds, which is GPU 0 in a new one.
        if (gpu) device::cuda::ignore(cudaSetDevice(*gpu));
        library.comm_abort(comm);
        ended->set_value();
    }).detach();
    if (end.wait_for(patience) != std::future_status::ready) {
        log::debug("nccl: going on while the abort of the communicator waits for other ranks");
    }
}

}  // namespace

void bounded_abort(const NcclLibrary& library, ncclComm_t comm,
                   std::chrono::milliseconds patience) noexcept {
    try {
        abort_in_thread(library, comm, patience);
    } catch (...) {
        // No thread could be had: the communicator stays as it is, the process is about to end.
    }
}

}  // namespace warpstep::comm::nccl
