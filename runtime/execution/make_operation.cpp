// SPDX-License-Identifier: Apache-2.0
// The choice of the right operation for a step.
#include <algorithm>

#include "operation_makers.hpp"
#include "runtime/base/error.hpp"
#include "runtime/execution/operation.hpp"
#include "runtime/execution/operation_kinds.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::execution {
namespace {

Maker* own_maker_of(std::string run) {
    std::replace(run.begin(), run.end(), '.', '_');
    for (const auto& [name, make] : operation_makers) {
        if (name == run) return make;
    }
    return nullptr;
}

}  // namespace

std::unique_ptr<Operation> make_operation(const workload::Step& step, Bindings& bindings) {
    try {
        if (const auto* spec = bindings.kernels.find(step.run)) {
            return make_user_kernel_operation(*spec, bindings);
        }
        if (Maker* make = own_maker_of(step.run)) return make(step, bindings);
        if (plan::is_collective(step.run)) return make_collective(step, bindings);
        return make_kernel_operation(step, bindings);
    } catch (const ConfigError& error) {
        const std::string text = error.what();
        if (text.starts_with(step.mark.file + ":")) throw;
        fail<ConfigError>("{}: step '{}': {}", show(step.mark), step.name, text);
    }
}

}  // namespace warpstep::execution
