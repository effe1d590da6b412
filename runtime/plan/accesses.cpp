// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/accesses.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::plan {
namespace {

struct ArgumentRole {
    std::string_view name;
    bool reads, writes;
};

// The arguments of the operations that are no kernels mean the same in all of them.
constexpr std::array<ArgumentRole, 4> roles_of_operations{
    {{"buffer", true, true}, {"from", true, false}, {"to", false, true}, {"w", true, false}}};

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

void add_kernel(Accesses& accesses, const kernels::Kernel& kernel, const workload::Step& step) {
    using Role = kernels::Parameter::Role;
    for (const auto& parameter : kernel.parameters) {
        if (parameter.role == Role::value || parameter.role == Role::word) continue;
        add(accesses, word_of(step, parameter.name), parameter.role != Role::write,
            parameter.role != Role::read);
    }
}

void add_operation(Accesses& accesses, const workload::Step& step) {
    for (const ArgumentRole& role : roles_of_operations) {
        const bool writes = role.writes && step.run != "store";
        add(accesses, word_of(step, role.name), role.reads, writes);
    }
}

bool is_operation(const workload::Step& step) {
    return step.run == "copy" || step.run == "store" || is_collective(step.run);
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
    if (is_operation(step)) {
        add_operation(accesses, step);
    } else if (const auto* kernel = kernels::find(step.run)) {
        add_kernel(accesses, *kernel, step);
    } else {
        fail<LogicError>("nobody knows what '{}' touches", step.run);
    }
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
