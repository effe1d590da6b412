// SPDX-License-Identifier: Apache-2.0
// `steps:`, each an operation or a container of steps.
#include <algorithm>

#include "runtime/workload/load_sections.hpp"
#include "runtime/workload/names.hpp"

namespace warpstep::workload {
namespace {

const std::vector<LaterKey> later_keys{{"needs", "steps run in the order of the file"},
                                       {"stream", "all steps use one stream"},
                                       {"group", "collectives join all ranks"},
                                       {"graph", "steps are launched one by one"},
                                       {"continue_on_error", "the first failure ends the run"}};

std::string load_name(const YamlMap& map, LoadContext& context) {
    const YamlNode& node = map.require("name");
    const std::string name = node.text();
    std::string letters = name;
    std::replace(letters.begin(), letters.end(), '-', '_');
    if (!is_identifier(letters) || name.front() == '-' || name.back() == '-') {
        node.fail(
            "'{}' cannot name a step (letters, digits, '_' and inner '-', no digit first); rename "
            "it",
            name);
    }
    if (!context.step_names.insert(name).second) {
        node.fail("another step is named '{}' (names are unique in the file); rename one of them",
                  name);
    }
    return name;
}

void refuse_with_container(const YamlMap& map) {
    for (const char* key : {"with", "repeat", "timeout"}) {
        const YamlNode* node = map.find(key);
        if (node != nullptr)
            node->fail("'{}' belongs to a step with 'run'; move it to the steps inside", key);
    }
}

void load_repeat(const YamlNode& node, const LoadContext& context, Step& step) {
    const YamlMap map = node.map();
    map.allow({"warmup", "times"});
    if (const YamlNode* warmup = map.find("warmup")) step.warmup = load_count(*warmup, context, 0);
    if (const YamlNode* times = map.find("times")) step.times = load_count(*times, context, 1);
}

Expression load_timeout(const YamlNode& node, const LoadContext& context) {
    Expression expression = load_fixed(node, context);
    const Value& value = expression.root().value;
    const bool written = expression.root().kind == Node::Kind::number;
    if (written && (!value.is_number() || value.unit != unit_seconds || value.number() <= 0)) {
        node.fail("'timeout' must be a duration above 0, not {}; write 30s or 5m",
                  expression.text());
    }
    return expression;
}

void load_operation(const YamlMap& map, LoadContext& context, Step& step) {
    if (const YamlNode* loops = map.find("for_each")) {
        loops->fail("'for_each' belongs to a step with 'steps'; put the operation below it");
    }
    step.run = map.require("run").text();
    step.with = load_arguments(map, context);
    if (const YamlNode* repeat = map.find("repeat")) load_repeat(*repeat, context, step);
    if (const YamlNode* timeout = map.find("timeout"))
        step.timeout = load_timeout(*timeout, context);
}

void load_container(const YamlMap& map, LoadContext& context, Step& step) {
    refuse_with_container(map);
    if (const YamlNode* loops = map.find("for_each")) step.for_each = load_loops(*loops, context);
    step.steps = load_steps(map.require("steps"), context);
    for (const Loop& loop : step.for_each) context.names.forget(loop.variable);
}

Step load_step(const YamlNode& node, LoadContext& context) {
    const YamlMap map = node.map();
    map.allow(
        {"name", "run", "with", "if", "repeat", "timeout", "verify", "expect", "for_each", "steps"},
        later_keys);
    Step step;
    step.mark = node.mark();
    step.name = load_name(map, context);
    const bool runs = map.find("run") != nullptr;
    if (runs == (map.find("steps") != nullptr)) {
        node.fail("step '{}' needs exactly one of 'run' and 'steps'", step.name);
    }
    if (const YamlNode* condition = map.find("if"))
        step.condition = load_fixed(*condition, context);
    runs ? load_operation(map, context, step) : load_container(map, context, step);
    step.verify = load_verify(map.find("verify"), context);
    step.expect = load_expect(map.find("expect"));
    return step;
}

}  // namespace

std::vector<Step> load_steps(const YamlNode& node, LoadContext& context) {
    std::vector<Step> steps;
    for (const YamlNode& entry : node.list()) steps.push_back(load_step(entry, context));
    if (steps.empty()) node.fail("'steps' is empty (there is nothing to do); add a step");
    return steps;
}

}  // namespace warpstep::workload
