// SPDX-License-Identifier: Apache-2.0
// `with:` against the signature of the operation.
#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

const OperationSignature& known_operation(const YamlNode& run, const LoadContext& context) {
    if (const OperationSignature* operation = find_operation(run.text(), context))
        return *operation;
    std::vector<std::string> names;
    for (const OperationSignature& operation : context.operations) names.push_back(operation.name);
    names.insert(names.end(), context.kernels.begin(), context.kernels.end());
    run.fail("unknown operation '{}'{}", run.text(), suggestion(run.text(), names));
}

void check_argument_name(const YamlMap::Entry& entry, const OperationSignature& operation) {
    if (contains(operation.required, entry.key) || contains(operation.optional, entry.key)) return;
    std::vector<std::string> known = operation.required;
    known.insert(known.end(), operation.optional.begin(), operation.optional.end());
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
    const std::string& text = entry.value.text();
    if (contains(operation.texts, entry.key)) {
        if (text.empty()) entry.value.fail("'{}' is empty; write a text", entry.key);
        return {Expression::constant({text, no_unit}), text};
    }
    Argument argument{entry.value.expression(), ""};
    if (const auto words = operation.words.find(entry.key); words != operation.words.end()) {
        entry.value.one_of(words->second);
    } else {
        context.names.check_argument(argument.value);
    }
    return argument;
}

}  // namespace

const OperationSignature* find_operation(const std::string& name, const LoadContext& context) {
    for (const OperationSignature& operation : context.operations) {
        if (operation.name == name) return &operation;
    }
    return nullptr;
}

std::map<std::string, Argument> load_arguments(const Fields& step, const LoadContext& context) {
    const YamlNode& run = step.at("run");
    const YamlNode* with = step.find("with");
    if (contains(context.kernels, run.text())) {
        if (with != nullptr) {
            with->fail(
                "'{0}' is a kernel of this file (its arguments stand in kernels.{0}.args, in "
                "the order of its signature); remove 'with'",
                run.text());
        }
        return {};
    }
    const OperationSignature& operation = known_operation(run, context);
    std::map<std::string, Argument> arguments;
    bool all_read = true;
    if (with != nullptr) {
        const YamlMap map = with->map();
        for (const YamlMap::Entry& entry : map.entries()) {
            all_read = context.errors.gather([&] {
                arguments.emplace(entry.key, load_argument(entry, operation, context));
            }) && all_read;
        }
    }
    if (!all_read) return arguments;
    for (const std::string& name : operation.required) {
        if (arguments.count(name) == 0) {
            run.fail("'{}' needs the argument '{}'; write with: {{ {}: … }}", operation.name, name,
                     join(operation.required, ": …, "));
        }
    }
    return arguments;
}

}  // namespace warpstep::workload
