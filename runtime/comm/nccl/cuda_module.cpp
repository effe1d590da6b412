// SPDX-License-Identifier: Apache-2.0
// The entry of warpstep_cuda.so and what it returns.
#include <cuda_runtime_api.h>

#include <cstring>

#include "kernels/device_catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/comm/cuda_backend.hpp"
#include "runtime/comm/nccl/check.hpp"
#include "runtime/comm/nccl/nccl_communicator.hpp"
#include "runtime/comm/nccl/nccl_library.hpp"
#include "runtime/device/cuda/cuda_device.hpp"
#include "runtime/device/cuda/inventory.hpp"

namespace warpstep::comm::nccl {
namespace {

class CudaModule final : public CudaBackend {
  public:
    std::vector<device::Facts> devices() override { return device::cuda::list_devices(); }

    std::unique_ptr<device::Device> open(int ordinal) override {
        return std::make_unique<device::cuda::CudaDevice>(ordinal);
    }

    kernels::DeviceLauncher launcher(std::string_view kernel) override {
        for (const auto& [name, launch] : kernels::cuda::device_catalog()) {
            if (name == kernel) return launch;
        }
        return nullptr;
    }

    std::vector<std::string> kernel_names() override {
        std::vector<std::string> names;
        for (const auto& entry : kernels::cuda::device_catalog()) names.emplace_back(entry.name);
        return names;
    }

    CudaVersions versions() override {
        return {driver_version(), runtime_version(), nccl_version()};
    }

    std::string nccl_unique_id() override {
        const NcclLibrary& library = nccl_library();
        ncclUniqueId id{};
        if (const ncclResult_t code = library.get_unique_id(&id); code != ncclSuccess) {
            fail<EnvironmentError>(
                "nccl {} cannot make a unique id ({}); see NCCL_SOCKET_IFNAME, or NCCL_DEBUG=WARN",
                library.version, describe(library, code, nullptr));
        }
        return {reinterpret_cast<const char*>(&id), sizeof id};
    }

    std::unique_ptr<Communicator> connect(device::Device& device, int rank, int size,
                                          const std::string& unique_id,
                                          const ControlChannel& channel,
                                          Deadline deadline) override {
        auto* gpu = dynamic_cast<device::cuda::CudaDevice*>(&device);
        if (gpu == nullptr)
            fail<LogicError>("NCCL needs a CUDA device, got {}", device.facts().name);
        return std::make_unique<NcclCommunicator>(*gpu, rank, size, unique_id, channel, deadline);
    }

  private:
    static std::string driver_version() {
        int version = 0;
        const bool known = cudaDriverGetVersion(&version) == cudaSuccess && version > 0;
        return known ? device::cuda::version_text(version) : "";
    }

    static std::string runtime_version() {
        int version = 0;
        const bool known = cudaRuntimeGetVersion(&version) == cudaSuccess && version > 0;
        return known ? device::cuda::version_text(version) : "";
    }

    static std::string nccl_version() {
        try {
            return nccl_library().version;
        } catch (const EnvironmentError&) {
            return "";
        }
    }
};

}  // namespace
}  // namespace warpstep::comm::nccl

/// The one symbol the executable asks for: nullptr when it was built from other headers than this
/// module.
extern "C" warpstep::comm::CudaBackend* warpstep_cuda_backend(const char* abi_hash) {
    if (abi_hash == nullptr || std::strcmp(abi_hash, WARPSTEP_ABI_HASH) != 0) return nullptr;
    static warpstep::comm::nccl::CudaModule module;
    return &module;
}
