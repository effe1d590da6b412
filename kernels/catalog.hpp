// SPDX-License-Identifier: Apache-2.0
// The explicit list of built-in kernels: one line per kernel. Device launchers of the CUDA module
// go by the same names.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/arguments.hpp"
#include "runtime/device/device.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

struct Parameter {
    std::string name;
    enum class Role { read, write, update, value, word } role = Role::read;
    bool optional = false;
    double default_number = 0;            ///< of an optional value
    std::vector<std::string> words = {};  ///< Role::word: what it may be, the default first
    std::string types = {};               ///< of a buffer, the example's first: "f32 f64", "any"
    std::string shape = {};               ///< of a buffer: "n", "m k", "1"
    std::string note = {};                ///< meaning and limits, beside words and default
    std::optional<std::string> example = {};  ///< what it is in an example; nothing: left out there
};

/// A number that a launch leaves behind.
struct ReportedNumber {
    std::string name;     ///< "errors"
    std::string meaning;  ///< one line
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
    /// What the elements of the parameter "report" (i64) mean, in order: they become numbers of the
    /// step ("errors", …) that expectations can use. Empty: the kernel has no report.
    std::vector<ReportedNumber> report = {};
    /// Its x and y are rows of a table, which a step may give as one batch of a dataset, `data`.
    bool over_rows = false;
};

const std::vector<Kernel>& catalog();
/// nullptr when there is none of that name.
const Kernel* find(std::string_view name);

/// A built-in kernel made ready for the CUDA device: launch shapes, packed parameters and scratch
/// memory are decided once, so that issuing costs what the launches cost. Used from one thread, on
/// one stream at a time.
class PreparedKernel {
  public:
    virtual ~PreparedKernel() = default;
    /// Asynchronous on the stream, which is of the device that it was prepared for; can be captured
    /// into a graph. Errors: DeviceError.
    virtual void issue(device::Stream& stream) = 0;
    /// Decides anew for other arguments. Work issued before goes on undisturbed. Errors:
    /// DeviceError.
    virtual void update(const Arguments& arguments) = 0;
};

}  // namespace warpstep::kernels
