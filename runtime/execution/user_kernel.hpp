// SPDX-License-Identifier: Apache-2.0
// From an entry of `kernels:` to something that can be launched.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/user_image.hpp"
#include "kernels/user_kernel.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/execution/storage.hpp"
#include "runtime/plan/user_kernel_plan.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::execution {

/// The image of a kernel for an architecture ("sm_90"), compiled or found in the cache of this
/// node. Errors: ConfigError with the compiler's messages or the image's own names;
/// EnvironmentError.
kernels::KernelImage image_of(const workload::KernelSpec& spec, comm::CudaBackend& cuda,
                              const std::string& arch);
/// The same of a kernel that the file gives compiled; `arch` "": for whatever GPU. Errors:
/// ConfigError with the image's own names, or that it is for another GPU.
kernels::KernelImage compiled_image(const workload::KernelSpec& spec, const std::string& arch);
/// What the compiler is given. Precondition: the spec is not compiled.
kernels::KernelSource source_of(const workload::KernelSpec& spec);

/// The arguments against the parameters of the compiled function. Errors: ConfigError with the
/// argument's place and both sizes.
void check_signature(const workload::KernelSpec& spec,
                     const std::vector<kernels::ParameterSlot>& parameters);

/// The kernels of a workload, each loaded at most once.
class UserKernels {
  public:
    explicit UserKernels(const std::vector<workload::KernelSpec>& specs);
    /// nullptr when the file has none of that name.
    const workload::KernelSpec* find(const std::string& name) const;
    /// Compiled, checked and loaded. Errors: as image_of() and check_signature(); DeviceError.
    std::shared_ptr<kernels::LoadedKernel> load(const workload::KernelSpec& spec,
                                                const Machine& machine);

  private:
    std::map<std::string, const workload::KernelSpec*> specs_;
    std::map<std::string, std::shared_ptr<kernels::LoadedKernel>> loaded_;
};

}  // namespace warpstep::execution
