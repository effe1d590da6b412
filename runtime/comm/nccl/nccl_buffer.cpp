// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_buffer.hpp"

#include <cuda_runtime_api.h>

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

// Memory that cannot be registered is slower, not wrong.
void* register_memory(const NcclComm& comm, void* data, std::size_t bytes) {
    void* registration = nullptr;
    if (comm.library().comm_register == nullptr) return nullptr;
    const ncclResult_t code = comm.library().comm_register(comm.get(), data, bytes, &registration);
    if (code == ncclSuccess || code == ncclInProgress) return registration;
    log::debug("nccl: " + show_bytes(bytes) +
               " stay unregistered: " + describe(comm.library(), code, comm.get()));
    return nullptr;
}

}  // namespace

NcclBuffer::NcclBuffer(std::shared_ptr<NcclComm> comm, std::size_t bytes)
    : comm_(std::move(comm)), bytes_(bytes) {
    data_ = allocate(comm_->library(), bytes);
    try {
        device::cuda::zero_fill(data_, bytes);
        registration_ = register_memory(*comm_, data_, bytes);
    } catch (...) {
        comm_->library().mem_free(data_);
        throw;
    }
}

NcclBuffer::~NcclBuffer() {
    // A communicator that has ended took its registrations with it.
    if (registration_ != nullptr && comm_->alive()) {
        comm_->library().comm_deregister(comm_->get(), registration_);
    }
    comm_->library().mem_free(data_);
}

}  // namespace warpstep::comm::nccl
