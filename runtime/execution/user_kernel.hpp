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
#include "runtime/execution/rank_scope.hpp"
#include "runtime/execution/storage.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::execution {

/// Sizes and values of one launch on this rank.
struct LaunchPlan {
    kernels::LaunchShape shape;
    bool empty = false;             ///< `threads` is 0: nothing is launched
    std::vector<std::string> bits;  ///< of the value arguments, in order; "" for buffers
    double bytes = 0, flops = 0;
};
/// Errors: ConfigError with the place for an extent or value that does not fit its type.
LaunchPlan plan_launch(const workload::KernelSpec& spec, const RankScope& scope);

/// What every active step refuses before any memory is taken: a kernel on the host device, a buffer
/// it cannot reach, sizes that do not fit. Errors: ConfigError with the place.
void check_user_kernel(const workload::Step& step, const workload::KernelSpec& spec,
                       const std::vector<BufferPlan>& buffers, device::Kind kind,
                       const RankScope& scope);

/// The image of a kernel for an architecture ("sm_90"), compiled or found in the cache of this
/// node. Errors: ConfigError with the compiler's messages or the image's own names;
/// EnvironmentError.
kernels::KernelImage image_of(const workload::KernelSpec& spec, comm::CudaBackend& cuda,
                              const std::string& arch);
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
