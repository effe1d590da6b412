// SPDX-License-Identifier: Apache-2.0
// What crosses the boundary of warpstep_cuda.so. The core sees only this interface; the module is
// opened when a CUDA device is wanted, so that the same warpstep starts where there is no driver,
// NCCL or cuBLAS.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/catalog.hpp"
#include "runtime/base/deadline.hpp"
#include "runtime/comm/communicator.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::comm {

struct CudaVersions {
    std::string driver, runtime, nccl;  ///< "13.0"; "" when not found
};

class CudaBackend {
  public:
    virtual ~CudaBackend() = default;
    /// The devices CUDA shows, by ordinal; creates no context. Errors: DeviceError "no CUDA device:
    /// <reason>".
    virtual std::vector<device::Facts> devices() = 0;
    /// Errors: DeviceError.
    virtual std::unique_ptr<device::Device> open(int ordinal) = 0;
    /// The launcher of a built-in kernel, nullptr when the module has none of that name.
    virtual kernels::DeviceLauncher launcher(std::string_view kernel) = 0;
    virtual std::vector<std::string> kernel_names() = 0;
    virtual CudaVersions versions() = 0;
    /// ncclGetUniqueId as raw bytes; needs no GPU. Errors: EnvironmentError when NCCL cannot be
    /// opened.
    virtual std::string nccl_unique_id() = 0;
    /// Collective: non-blocking ncclCommInitRankConfig, polled under the deadline and the channel's
    /// failures. Errors: CommError with NCCL's text; PeerFailure.
    virtual std::unique_ptr<Communicator> connect(device::Device& device, int rank, int size,
                                                  const std::string& unique_id,
                                                  const ControlChannel& channel,
                                                  Deadline deadline) = 0;
};

/// Opens the module once per process: WARPSTEP_MODULE_DIR, else beside the executable, else
/// ../lib/warpstep. The reference lives as long as the process. Errors: EnvironmentError that says
/// where it looked, what the loader said and whether the module was built from other headers (ABI
/// hash).
CudaBackend& cuda_backend();
/// Where the module was found, "" when it was not (never throws; does not open it).
std::string cuda_module_path();

}  // namespace warpstep::comm
