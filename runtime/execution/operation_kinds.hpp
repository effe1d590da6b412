// SPDX-License-Identifier: Apache-2.0
// The kinds of operations, and what operations are made with; private to this room.
#pragma once

#include <memory>
#include <string>

#include "runtime/execution/operation.hpp"

namespace warpstep::execution {

// Of each file of operations/ there is its own besides: make_copy in copy.cpp.
std::unique_ptr<Operation> make_kernel_operation(const workload::Step& step, Bindings& bindings);
std::unique_ptr<Operation> make_collective(const workload::Step& step, Bindings& bindings);
std::unique_ptr<Operation> make_user_kernel_operation(const workload::KernelSpec& spec,
                                                      Bindings& bindings);

/// The buffer that an argument names, as the plan has checked.
const NamedBuffer& buffer_argument(const workload::Step& step, const std::string& argument,
                                   const Bindings& bindings);
/// A kernel of the catalog with its arguments, ready on the machine's device. The arguments outlive
/// it. Errors: EnvironmentError when the CUDA module has no such kernel; DeviceError.
class Launch {
  public:
    Launch(const kernels::Kernel& kernel, const kernels::Arguments& arguments,
           const Machine& machine);
    /// After the arguments have changed. Errors: DeviceError.
    void update();
    void operator()(device::Stream& stream) const;

  private:
    const kernels::Kernel& kernel_;
    const kernels::Arguments& arguments_;
    const device::host::Cores& cores_;
    std::unique_ptr<kernels::PreparedKernel> prepared_;  ///< nullptr on the host
};

}  // namespace warpstep::execution
