// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_buffer.hpp"

#include <cuda_runtime_api.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/units.hpp"
#include "runtime/comm/nccl/check.hpp"
#include "runtime/device/cuda/cuda_buffer.hpp"

namespace warpstep::comm::nccl {
namespace {

void* allocate(const NcclLibrary& library, std::size_t bytes) {
    void* data = nullptr;
    if (const ncclResult_t code = library.mem_alloc(&data, bytes); code != ncclSuccess) {
        cudaGetLastError();
        fail<DeviceError>(
            "cannot allocate {} of device memory for collectives ({}; {} are free); use smaller "
            "buffers",
            show_bytes(bytes), describe(library, code, nullptr),
            show_bytes(device::cuda::free_bytes()));
    }
    return data;
}

// Memory that NCCL does not know is slower, not wrong.
void say_unknown(const NcclComm& comm, std::size_t bytes, const char* what, ncclResult_t code) {
    log::debug(fmt::format("nccl: {} have no {}: {}", show_bytes(bytes), what,
                           describe(comm.library(), code, comm.get())));
}

bool accepted(ncclResult_t code) {
    return code == ncclSuccess || code == ncclInProgress;
}

}  // namespace

NcclBuffer::NcclBuffer(std::shared_ptr<NcclComm> comm, std::size_t bytes)
    : comm_(std::move(comm)), bytes_(bytes) {
    data_ = allocate(comm_->library(), bytes);
    try {
        device::cuda::zero_fill(data_, bytes);
    } catch (...) {
        comm_->library().mem_free(data_);
        throw;
    }
}

void NcclBuffer::open_window() {
    const auto& library = comm_->library();
    const char* wanted = std::getenv("WARPSTEP_NCCL_WINDOWS");
    if (wanted != nullptr && std::string_view(wanted) == "0") return;
    if (library.comm_window_register == nullptr || library.comm_window_deregister == nullptr)
        return;
    const ncclResult_t code = library.comm_window_register(comm_->get(), data_, bytes_, &window_,
                                                           NCCL_WIN_COLL_SYMMETRIC);
    if (accepted(code)) return;
    window_ = nullptr;
    say_unknown(*comm_, bytes_, "window", code);
}

void NcclBuffer::register_memory() {
    const auto& library = comm_->library();
    if (library.comm_register == nullptr || library.comm_deregister == nullptr) return;
    const ncclResult_t code = library.comm_register(comm_->get(), data_, bytes_, &registration_);
    if (accepted(code)) return;
    registration_ = nullptr;
    say_unknown(*comm_, bytes_, "registration", code);
}

NcclBuffer::~NcclBuffer() {
    // A communicator that has ended took its registrations with it.
    if (comm_->alive()) {
        if (window_ != nullptr) comm_->library().comm_window_deregister(comm_->get(), window_);
        if (registration_ != nullptr) {
            comm_->library().comm_deregister(comm_->get(), registration_);
        }
    }
    comm_->library().mem_free(data_);
}

}  // namespace warpstep::comm::nccl
