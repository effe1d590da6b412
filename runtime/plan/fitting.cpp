// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/fitting.hpp"

#include "runtime/base/error.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::plan {

void check_fitting(const workload::Step& step, const Fitting& fitting) {
    const OperationRow* row = find_operation(step.run);
    if (row == nullptr || row->check == nullptr) return;
    try {
        row->check(step, fitting);
    } catch (const ConfigError& error) {
        const std::string text = error.what();
        if (text.starts_with(step.mark.file + ":")) throw;
        fail<ConfigError>("{}: step '{}': {}", show(step.mark), step.name, text);
    }
}

}  // namespace warpstep::plan
