// SPDX-License-Identifier: Apache-2.0
// The choice of the right operation for a step.
#include "runtime/base/error.hpp"
#include "runtime/execution/operation.hpp"
#include "runtime/execution/operation_kinds.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::execution {

std::unique_ptr<Operation> make_operation(const workload::Step& step, Bindings& bindings) {
    try {
        if (const auto* spec = bindings.kernels.find(step.run)) {
            return make_user_kernel_operation(*spec, bindings);
        }
        if (step.run == "copy") return make_copy(step, bindings);
        if (step.run == "peer_copy") return make_peer_copy(step, bindings);
        if (step.run == "halo_exchange") return make_halo_exchange(step, bindings);
        if (step.run == "linear.evaluate") return make_linear_evaluate(step, bindings);
        if (step.run == "store") {
            return make_store(step, bindings.storage, bindings.scope);
        }
        if (plan::is_collective(step.run)) return make_collective(step, bindings);
        return make_kernel_operation(step, bindings);
    } catch (const ConfigError& error) {
        const std::string text = error.what();
        if (text.starts_with(step.mark.file + ":")) throw;
        fail<ConfigError>("{}: step '{}': {}", show(step.mark), step.name, text);
    }
}

}  // namespace warpstep::execution
