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
#include "kernels/user_kernel.hpp"
#include "runtime/comm/communicator.hpp"
#include "runtime/comm/nccl_start.hpp"
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
    /// A built-in kernel made ready on a device of this module; nullptr when the module has none of
    /// that name. Errors: DeviceError.
    virtual std::unique_ptr<kernels::PreparedKernel> prepare(
        device::Device& device, std::string_view kernel, const kernels::Arguments& arguments) = 0;
    virtual std::vector<std::string> kernel_names() = 0;
    virtual CudaVersions versions() = 0;
    /// ncclGetUniqueId as raw bytes; needs no GPU. Errors: EnvironmentError when NCCL cannot be
    /// opened.
    virtual std::string nccl_unique_id() = 0;
    /// Collective: non-blocking start, polled under the deadline and the channel's failures; one
    /// communicator for each member, in their order. What one operation of several members issues
    /// stands in one group() of any of them, and they end together with the first that is
    /// destroyed. Errors: CommError with NCCL's text; PeerFailure.
    virtual std::vector<std::unique_ptr<Communicator>> connect(const NcclStart& start) = 0;

    /// "NVRTC 13.0", part of what a compiled image depends on. Errors: EnvironmentError when NVRTC
    /// cannot be opened.
    virtual std::string compiler() = 0;
    /// Compiles CUDA C++ with NVRTC; needs no GPU and no driver. `arch` is "sm_90" for machine code
    /// or "compute_90" for PTX. Errors: ConfigError with the compiler's own messages, in the lines
    /// of the source's file, or with the kernels there are when `entry` is none of them;
    /// EnvironmentError when NVRTC cannot be opened.
    virtual kernels::KernelImage compile(const kernels::KernelSource& source,
                                         const std::string& arch) = 0;
    /// "sm_90" of a device of this module.
    virtual std::string arch_of(const device::Device& device) = 0;
    /// Loads a cubin, fatbin or PTX and finds a function in it by the image's own (mangled) name.
    /// Errors: ConfigError when there is no such function or the image is not for this device;
    /// DeviceError.
    virtual std::unique_ptr<kernels::LoadedKernel> load(device::Device& device,
                                                        const std::string& image,
                                                        const std::string& entry) = 0;
};

/// Opens the module once per process: WARPSTEP_MODULE_DIR, else beside the executable, else
/// ../lib/warpstep. The reference lives as long as the process. Errors: EnvironmentError that says
/// where it looked, what the loader said and whether the module was built from other headers (ABI
/// hash).
CudaBackend& cuda_backend();
/// Where the module was found, "" when it was not (never throws; does not open it).
std::string cuda_module_path();

}  // namespace warpstep::comm
