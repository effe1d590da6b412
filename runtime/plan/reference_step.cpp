// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/reference_step.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::plan {

void check_reference(const workload::Step& step, const workload::VerifyRule& rule,
                     const workload::Step* writer) {
    if (writer == nullptr) {
        fail<ConfigError>(
            "{}: step '{}' does not write '{}' (a reference is compared with what the step "
            "computed); name a buffer that it writes",
            show(rule.mark), step.name, rule.buffer);
    }
    const OperationRow* other = find_operation(rule.reference);
    if (other == nullptr) {
        fail<ConfigError>("{}: unknown reference '{}'; see warpstep kernels", show(rule.mark),
                          rule.reference);
    }
    if (other->collective) {
        fail<ConfigError>(
            "{}: '{}' is no reference (each rank computes it alone, but that takes all of them); "
            "name a kernel",
            show(rule.mark), rule.reference);
    }
}

workload::Step reference_step(const workload::Step& writer, const workload::VerifyRule& rule,
                              const std::string& scratch) {
    const OperationRow& taken = *find_operation(rule.reference);
    const auto takes = [&](const std::string& name) {
        return std::any_of(
            taken.arguments.begin(), taken.arguments.end(),
            [&](const OperationArgument& argument) { return argument.name == name; });
    };
    workload::Step other;
    other.name = writer.name;
    other.mark = rule.mark;
    other.run = rule.reference;
    for (const auto& [name, argument] : writer.with) {
        if (!takes(name)) continue;
        const bool verified = argument.value.root().text == rule.buffer;
        other.with.emplace(
            name, verified ? workload::Argument{workload::Expression::parse(scratch)} : argument);
    }
    return other;
}

}  // namespace warpstep::plan
