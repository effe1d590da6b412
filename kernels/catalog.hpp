// SPDX-License-Identifier: Apache-2.0
// The explicit list of built-in kernels: one line per kernel. Device launchers of the CUDA module
// go by the same names.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/arguments.hpp"
#include "runtime/device/device.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

struct Parameter {
    std::string name;
    enum class Role { read, write, update, value } role = Role::read;
    bool optional = false;
    double default_number = 0;  ///< of an optional value
};

struct Kernel {
    std::string name;
    std::string summary;  ///< "a = b + scalar * c"
    std::vector<Parameter> parameters;
    std::string bytes_formula,
        flops_formula;                  ///< as shown by `warpstep kernels`: "3 n size", "2 n"
    double (*bytes)(const Arguments&);  ///< bytes moved by one launch
    double (*flops)(const Arguments&);  ///< floating point operations of one launch
    void (*check)(const Arguments&);    ///< throws ConfigError for sizes or types that do not fit
    void (*host)(const Arguments&, const device::host::Cores&);
};

const std::vector<Kernel>& catalog();
/// nullptr when there is none of that name.
const Kernel* find(std::string_view name);

/// Launches a kernel of that name on a stream of the CUDA device; lives in the CUDA module.
using DeviceLauncher = void (*)(const Arguments&, device::Stream&);

}  // namespace warpstep::kernels
