// SPDX-License-Identifier: Apache-2.0
// The entry of warpstep_cuda.so and what it returns.
#include <cuda_runtime_api.h>

#include <cstring>
#include <utility>

#include "kernels/device_catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/comm/nccl/check.hpp"
#include "runtime/comm/nccl/connect_nccl.hpp"
#include "runtime/comm/nccl/nccl_library.hpp"
#include "runtime/cuda/backend.hpp"
#include "runtime/cuda/nvrtc/compile.hpp"
#include "runtime/cuda/nvrtc/loaded_kernel.hpp"
#include "runtime/cuda/nvrtc/nvrtc_library.hpp"
#include "runtime/device/cuda/cuda_device.hpp"
#include "runtime/device/cuda/current_device.hpp"
#include "runtime/device/cuda/inventory.hpp"

namespace warpstep::comm::nccl {
namespace {

class CudaModule final : public CudaBackend {
  public:
    std::vector<device::Facts> devices() override { return device::cuda::list_devices(); }

    std::unique_ptr<device::Device> open(int ordinal) override {
        return std::make_unique<device::cuda::CudaDevice>(ordinal);
    }

    std::unique_ptr<kernels::PreparedKernel> prepare(device::Device& device,
                                                     std::string_view kernel,
                                                     const kernels::Arguments& arguments) override {
        const device::cuda::CurrentDevice current(gpu(device).ordinal());
        return kernels::cuda::prepare(kernel, arguments);
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

    std::vector<std::unique_ptr<Communicator>> connect(const NcclStart& start) override {
        for (const auto& member : start.members) gpu(*member.device);
        return connect_nccl(start);
    }

    std::string compiler() override { return "NVRTC " + device::nvrtc::nvrtc_library().version; }

    kernels::KernelImage compile(const kernels::KernelSource& source,
                                 const std::string& arch) override {
        return device::nvrtc::compile(source, arch);
    }

    std::string arch_of(const device::Device& device) override {
        return device::nvrtc::arch_of(gpu(device).ordinal());
    }

    std::unique_ptr<kernels::LoadedKernel> load(device::Device& device, const std::string& image,
                                                const std::string& entry) override {
        return std::make_unique<device::nvrtc::LoadedFunction>(gpu(device).ordinal(), image, entry);
    }

  private:
    static const device::cuda::CudaDevice& gpu(const device::Device& device) {
        const auto* found = dynamic_cast<const device::cuda::CudaDevice*>(&device);
        if (found == nullptr)
            fail<LogicError>("the CUDA module needs a CUDA device, got {}", device.facts().name);
        return *found;
    }
    static device::cuda::CudaDevice& gpu(device::Device& device) {
        return const_cast<device::cuda::CudaDevice&>(gpu(std::as_const(device)));
    }

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
