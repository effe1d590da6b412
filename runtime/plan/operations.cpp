// SPDX-License-Identifier: Apache-2.0
// The list of operations.
#include <algorithm>

#include "kernels/catalog.hpp"
#include "runtime/plan/collectives.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::plan {
namespace {

using workload::OperationSignature;

// A kernel over rows takes them as one argument, `data`, or as two buffers x and y.
bool takes_rows(const kernels::Kernel& kernel) {
    return kernel.name.starts_with("linear.");
}

OperationSignature signature_of(const kernels::Kernel& kernel) {
    OperationSignature signature{kernel.name, {}, {}, {}};
    for (const auto& parameter : kernel.parameters) {
        const bool row = takes_rows(kernel) && (parameter.name == "x" || parameter.name == "y");
        (row || parameter.optional ? signature.optional : signature.required)
            .push_back(parameter.name);
        if (parameter.role == kernels::Parameter::Role::word) {
            signature.words.emplace(parameter.name, parameter.words);
        }
    }
    if (takes_rows(kernel)) signature.optional.emplace_back("data");
    return signature;
}

std::vector<OperationSignature> make_operations() {
    std::vector<OperationSignature> all = collective_signatures();
    all.push_back({"halo_exchange", {"buffer"}, {"periodic"}, {{"periodic", {"no", "yes"}}}});
    all.push_back({"linear.evaluate", {"data", "w"}, {}, {}});
    all.push_back({"peer_copy", {"from", "to"}, {"shift"}, {}});
    for (auto& signature : all) signature.collective = true;
    all.push_back({"copy", {"from", "to"}, {}, {}});
    all.push_back({"store", {"buffer", "file"}, {"rank"}, {}, {"file"}});
    for (auto& signature : all) {
        signature.needs_host = signature.name == "linear.evaluate" || signature.name == "store";
    }
    for (const auto& kernel : kernels::catalog()) all.push_back(signature_of(kernel));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
}

}  // namespace

const std::vector<OperationSignature>& operations() {
    static const std::vector<OperationSignature> all = make_operations();
    return all;
}

const OperationSignature* find_operation(const std::string& name) {
    const auto& all = operations();
    const auto it = std::lower_bound(all.begin(), all.end(), name,
                                     [](const OperationSignature& signature, const std::string& n) {
                                         return signature.name < n;
                                     });
    return it == all.end() || it->name != name ? nullptr : &*it;
}

bool is_collective(const std::string& run) {
    const OperationSignature* signature = find_operation(run);
    return signature != nullptr && signature->collective;
}

std::vector<std::string> collective_buffers(const workload::Step& step) {
    std::vector<std::string> names;
    // What peers open through CUDA IPC must be the device's own memory; ranks have different
    // numbers of a grid's rows.
    if (!is_collective(step.run) || step.run == "peer_copy" || step.run == "halo_exchange") {
        return names;
    }
    // A group's ranks cannot allocate together without the others.
    if (step.group) return names;
    for (const auto* argument : {"buffer", "from", "to"}) {
        if (const auto it = step.with.find(argument); it != step.with.end()) {
            names.push_back(it->second.value.root().text);
        }
    }
    return names;
}

std::set<std::string> collective_buffers(const std::vector<workload::Step>& steps) {
    std::set<std::string> names;
    for (const auto& step : steps) {
        for (auto& name : collective_buffers(step)) names.insert(std::move(name));
        names.merge(collective_buffers(step.steps));
    }
    return names;
}

}  // namespace warpstep::plan
