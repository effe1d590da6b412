// SPDX-License-Identifier: Apache-2.0
// The kinds of operations; private to this room.
#pragma once

#include <memory>
#include <string>

#include "runtime/execution/operation.hpp"

namespace warpstep::execution {

std::unique_ptr<Operation> make_kernel_operation(const workload::Step& step, Bindings& bindings);
std::unique_ptr<Operation> make_collective(const workload::Step& step, Bindings& bindings);
std::unique_ptr<Operation> make_copy(const workload::Step& step, Bindings& bindings);
std::unique_ptr<Operation> make_linear_evaluate(const workload::Step& step, Bindings& bindings);

/// The buffer that an argument names. Errors: ConfigError when it names none.
const NamedBuffer& buffer_argument(const workload::Step& step, const std::string& argument,
                                   const Bindings& bindings);
/// The kernel's launcher on the machine's device. Errors: EnvironmentError when the CUDA module has
/// none.
class Launch {
  public:
    Launch(const kernels::Kernel& kernel, const Machine& machine);
    void operator()(const kernels::Arguments& arguments, device::Stream& stream) const;

  private:
    const kernels::Kernel& kernel_;
    const device::host::Cores& cores_;
    kernels::DeviceLauncher device_launcher_ = nullptr;
};

}  // namespace warpstep::execution
