// SPDX-License-Identifier: Apache-2.0
// `steps:`, each an operation or a container of steps.
#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

std::string load_name(const YamlNode& node, LoadContext& context) {
    const std::string& name = node.text();
    if (!is_dashed_identifier(name)) {
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

std::vector<Need> load_needs(const YamlNode* node) {
    std::vector<Need> needs;
    if (node == nullptr) return needs;
    if (!node->is_list()) return {{node->text(), node->mark()}};
    for (const YamlNode& entry : node->list()) needs.push_back({entry.text(), entry.mark()});
    return needs;
}

std::string load_stream(const YamlNode* node, const LoadContext& context) {
    if (node == nullptr) return "";
    const std::string& name = node->text();
    const auto& known = context.streams;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
        node->fail("unknown stream '{0}'{1}; declare it: streams: {{ {0}: {{}} }}", name,
                   known.empty() ? "" : suggestion(name, known));
    }
    return name;
}

std::optional<Group> load_group(const Fields& step, const LoadContext& context) {
    const YamlNode* node = step.find("group");
    if (node == nullptr) return std::nullopt;
    const std::string& run = step.at("run").text();
    const OperationSignature* operation = find_operation(run, context);
    if (operation == nullptr || !operation->collective) {
        node->fail("'group' belongs to a collective ('{}' works on each rank alone); use 'if'",
                   run);
    }
    if (!node->is_map()) return Group{Group::Kind::members, load_fixed(*node, context)};
    return Group{Group::Kind::by, *load_count(Fields(*node, group_section()), "by", context)};
}

void load_operation(const Fields& fields, LoadContext& context, Step& step) {
    GatheredErrors& errors = context.errors;
    step.run = fields.text("run");
    errors.gather([&] { step.with = load_arguments(fields, context); });
    errors.gather([&] { step.stream = load_stream(fields.find("stream"), context); });
    errors.gather([&] { step.device = load_count(fields, "device", context); });
    errors.gather([&] { step.group = load_group(fields, context); });
    errors.gather([&] {
        const YamlNode* node = fields.find("repeat");
        if (node == nullptr) return;
        const Fields repeat(*node, repeat_section());
        step.warmup = load_count(repeat, "warmup", context);
        step.times = load_count(repeat, "times", context);
    });
    errors.gather([&] {
        if (const YamlNode* node = fields.find("timeout"))
            step.timeout = load_duration(*node, context);
    });
}

void load_container(const Fields& fields, LoadContext& context, Step& step) {
    if (const YamlNode* node = fields.find("graph")) {
        step.graph.emplace();
        context.errors.gather([&] {
            const Fields graph(*node, graph_section());
            step.graph = GraphRequest{load_count(graph, "launches", context),
                                      load_count(graph, "warmup", context)};
        });
    }
    if (const YamlNode* loops = fields.find("for_each"))
        step.for_each = load_loops(*loops, context);
    step.steps = load_steps(fields.at("steps"), context);
    if (step.graph) context.errors.gather([&] { check_graph(step, context); });
    for (const Loop& loop : step.for_each) context.names.forget(loop.variable);
}

// "step 'reduce'" where it has a name.
std::string title_of(const YamlNode& node) {
    const std::string* name = node.text_at("name");
    return name == nullptr ? node.title() : "step '" + *name + "'";
}

Step load_step(const YamlNode& node, LoadContext& context) {
    const Fields fields(node, step_section(), title_of(node));
    Step step;
    step.mark = node.mark();
    step.name = load_name(fields.at("name"), context);
    context.errors.gather([&] { step.condition = load_fixed(fields, "if", context); });
    step.needs = load_needs(fields.find("needs"));
    step.continue_on_error = fields.truth("continue_on_error");
    fields.find("run") != nullptr ? load_operation(fields, context, step)
                                  : load_container(fields, context, step);
    step.verify = load_verify(fields.find("verify"), context);
    step.expect = load_expect(fields.find("expect"), context.errors);
    return step;
}

// Of a step that could not be read: whether its name, or those of steps inside it, are not known.
bool loses_names(const YamlNode& step, const LoadContext& context) {
    const std::string* name = step.text_at("name");
    if (name == nullptr || context.step_names.count(*name) == 0) return true;
    return step.map().find("steps") != nullptr;
}

}  // namespace

std::vector<Step> load_steps(const YamlNode& node, LoadContext& context) {
    std::vector<Step> steps;
    steps.reserve(node.size());
    bool all_read = true;
    for (const YamlNode& entry : node.list()) {
        const bool read =
            context.errors.gather([&] { steps.push_back(load_step(entry, context)); });
        if (!read && loses_names(entry, context)) context.step_names_are_missing = true;
        all_read = all_read && read;
    }
    if (all_read) context.errors.gather([&] { check_needs(steps, context); });
    return steps;
}

}  // namespace warpstep::workload
