// SPDX-License-Identifier: Apache-2.0
// One thing a step runs, resolved to memory and functions: issue() is all that stands in the timed
// loop.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/data/batch.hpp"
#include "runtime/device/device.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/execution/storage.hpp"
#include "runtime/execution/user_kernel.hpp"
#include "runtime/workload/load.hpp"

namespace warpstep::execution {

class Operation {
  public:
    virtual ~Operation() = default;
    /// Puts the work on the stream. Collective for operations that communicate.
    virtual void issue(device::Stream& stream) = 0;

    /// After issue() on all devices of the task: what must follow a collective's end on the stream.
    virtual void complete(device::Stream& stream) { (void)stream; }

    /// Of the last issue(), on this rank; 0: does not apply.
    virtual double bytes() const { return 0; }
    virtual double flops() const { return 0; }
    /// Bytes of the message of a collective, and the factor from algorithm to bus bandwidth.
    virtual double message_bytes() const { return 0; }
    virtual double bus_factor() const { return 0; }

    /// Buffers it changes, and those of them whose old content it reads.
    virtual std::vector<std::string> writes() const { return {}; }
    virtual std::vector<std::string> updates() const { return {}; }
    /// What it found out, after its stream was synchronised: mse, r2.
    virtual std::map<std::string, double> numbers() const { return {}; }
};

/// What the arguments of a step can refer to.
struct Bindings {
    const Machine& machine;
    Storage& storage;
    std::map<std::string, std::unique_ptr<data::Dataset>>& datasets;
    const std::map<std::string, data::Batch*>& batches;  ///< by loop variable
    plan::RankScope& scope;
    UserKernels& kernels;
    comm::Communicator& communicator;  ///< of all members, or of the step's group
};

/// Errors: ConfigError with the step's place for arguments that do not fit.
std::unique_ptr<Operation> make_operation(const workload::Step& step, Bindings& bindings);

}  // namespace warpstep::execution
