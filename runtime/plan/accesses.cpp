// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/accesses.hpp"

#include <algorithm>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::plan {
namespace {

template <typename List>
auto find_named(const List& list, const std::string& name) {
    const auto it = std::find_if(list.begin(), list.end(),
                                 [&](const auto& entry) { return entry.name == name; });
    return it == list.end() ? nullptr : &*it;
}

// The word that an argument consists of, "" where it is not given.
std::string word_of(const workload::Step& step, std::string_view argument) {
    const auto it = step.with.find(std::string(argument));
    return it == step.with.end() ? "" : it->second.value.root().text;
}

void add(Accesses& accesses, const std::string& buffer, bool reads, bool writes) {
    if (buffer.empty()) return;
    if (reads) accesses.reads.insert(buffer);
    if (writes) accesses.writes.insert(buffer);
}

void add_user_kernel(Accesses& accesses, const workload::KernelSpec& spec) {
    using Role = workload::KernelArgument::Role;
    for (const auto& argument : spec.args) {
        add(accesses, argument.buffer, argument.role != Role::write, argument.role != Role::read);
    }
}

void add_operation(Accesses& accesses, const OperationRow& row, const workload::Step& step) {
    using Role = OperationArgument::Role;
    for (const OperationArgument& argument : row.arguments) {
        if (!argument.is_buffer()) continue;
        add(accesses, word_of(step, argument.name), argument.role != Role::write,
            argument.role != Role::read);
    }
}

void add_rule(Accesses& accesses, const workload::VerifyRule& rule,
              const workload::Workload& workload) {
    add(accesses, rule.buffer, true, false);
    add(accesses, rule.same_as, true, false);
    if (!rule.equals) return;
    for (const std::string& name : rule.equals->names()) {
        if (find_named(workload.buffers, name) != nullptr) add(accesses, name, true, false);
    }
}

}  // namespace

void Accesses::add(const Accesses& other) {
    reads.insert(other.reads.begin(), other.reads.end());
    writes.insert(other.writes.begin(), other.writes.end());
    data.insert(other.data.begin(), other.data.end());
}

Accesses run_accesses_of(const workload::Step& step, const workload::Workload& workload) {
    Accesses accesses;
    if (step.run.empty()) return accesses;
    if (const auto* spec = find_named(workload.kernels, step.run)) {
        add_user_kernel(accesses, *spec);
        return accesses;
    }
    if (const std::string data = word_of(step, "data"); !data.empty()) accesses.data.insert(data);
    const OperationRow* row = find_operation(step.run);
    if (row == nullptr) fail<LogicError>("nobody knows what '{}' touches", step.run);
    add_operation(accesses, *row, step);
    return accesses;
}

Accesses own_accesses_of(const workload::Step& step, const workload::Workload& workload) {
    Accesses accesses = run_accesses_of(step, workload);
    for (const auto& rule : step.verify) add_rule(accesses, rule, workload);
    return accesses;
}

Accesses accesses_of(const workload::Step& step, const workload::Workload& workload) {
    Accesses accesses = own_accesses_of(step, workload);
    for (const auto& child : step.steps) accesses.add(accesses_of(child, workload));
    return accesses;
}

}  // namespace warpstep::plan
