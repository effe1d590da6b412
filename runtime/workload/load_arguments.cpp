// SPDX-License-Identifier: Apache-2.0
// `with:` against the signature of the operation.
#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

const OperationSignature& find_operation(const YamlNode& run, const LoadContext& context) {
    std::vector<std::string> names;
    for (const OperationSignature& operation : context.operations) {
        if (operation.name == run.text()) return operation;
        names.push_back(operation.name);
    }
    names.insert(names.end(), context.kernels.begin(), context.kernels.end());
    run.fail("unknown operation '{}'{}", run.text(), suggestion(run.text(), names));
}

std::vector<std::string> argument_names(const OperationSignature& operation) {
    std::vector<std::string> names = operation.required;
    names.insert(names.end(), operation.optional.begin(), operation.optional.end());
    return names;
}

void check_argument_name(const YamlMap::Entry& entry, const OperationSignature& operation) {
    const std::vector<std::string> known = argument_names(operation);
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) return;
    if (known.empty()) {
        fail_at(entry.mark, "unknown argument '{}' ('{}' takes none); remove it", entry.key,
                operation.name);
    }
    fail_at(entry.mark, "unknown argument '{}' of '{}'{}", entry.key, operation.name,
            suggestion(entry.key, known));
}

Argument load_argument(const YamlMap::Entry& entry, const OperationSignature& operation,
                       const LoadContext& context) {
    check_argument_name(entry, operation);
    Argument argument{entry.value.expression()};
    if (const auto words = operation.words.find(entry.key); words != operation.words.end()) {
        entry.value.one_of(words->second);
    } else {
        context.names.check_argument(argument.value);
    }
    return argument;
}

bool is_kernel(const std::string& name, const LoadContext& context) {
    return std::find(context.kernels.begin(), context.kernels.end(), name) != context.kernels.end();
}

}  // namespace

std::map<std::string, Argument> load_arguments(const YamlMap& step, const LoadContext& context) {
    const YamlNode& run = step.require("run");
    if (is_kernel(run.text(), context)) {
        if (const YamlNode* with = step.find("with")) {
            with->fail(
                "'{0}' is a kernel of this file (its arguments stand in kernels.{0}.args, in "
                "the order of its signature); remove 'with'",
                run.text());
        }
        return {};
    }
    const OperationSignature& operation = find_operation(run, context);
    std::map<std::string, Argument> arguments;
    if (const YamlNode* with = step.find("with")) {
        const YamlMap map = with->map();
        for (const YamlMap::Entry& entry : map.entries()) {
            arguments.emplace(entry.key, load_argument(entry, operation, context));
        }
    }
    for (const std::string& name : operation.required) {
        if (arguments.count(name) == 0) {
            run.fail("'{}' needs the argument '{}'; write with: {{ {}: … }}", operation.name, name,
                     join(operation.required, ": …, "));
        }
    }
    return arguments;
}

}  // namespace warpstep::workload
