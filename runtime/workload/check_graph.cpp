// SPDX-License-Identifier: Apache-2.0
// What a graph may hold: steps that are the same at every launch and need nothing of the host.
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

constexpr std::string_view why = "the steps of a graph are captured once and launched as a whole";

void refuse(const Mark& mark, const Step& graph, std::string_view what, std::string_view advice) {
    fail_at(mark, "{} cannot stand in graph '{}' in line {} ({}); {}", what, graph.name,
            graph.mark.line, why, advice);
}

void check_arguments(const Step& step, const Step& graph, const LoadContext& context) {
    for (const auto& [key, argument] : step.with) {
        for (const std::string& name : argument.value.names()) {
            if (!context.names.is_loop_name(name)) continue;
            refuse(argument.value.mark(), graph,
                   fmt::format("'{}', which changes while a loop runs,", name),
                   "loop over launches of the graph only");
        }
    }
}

void check_step(const Step& step, const Step& graph, const LoadContext& context) {
    const auto refuse_key = [&](bool given, std::string_view key, std::string_view advice) {
        if (given)
            refuse(step.mark, graph, fmt::format("'{}' of step '{}'", key, step.name), advice);
    };
    refuse_key(!step.for_each.empty(), "for_each", "put the loop around the graph");
    refuse_key(step.graph.has_value(), "graph", "make one graph of both");
    refuse_key(step.warmup || step.times, "repeat", "the graph has 'launches'");
    refuse_key(step.timeout.has_value(), "timeout", "remove it");
    refuse_key(!step.verify.empty(), "verify", "move it to the graph");
    refuse_key(!step.expect.empty(), "expect", "move it to the graph");
    const OperationSignature* operation = find_operation(step.run, context);
    if (operation != nullptr && operation->needs_host)
        refuse(step.mark, graph, fmt::format("'{}', which needs the host,", step.run),
               "move the step out of it");
    check_arguments(step, graph, context);
    for (const Step& inner : step.steps) check_step(inner, graph, context);
}

}  // namespace

void check_graph(const Step& graph, const LoadContext& context) {
    if (!graph.for_each.empty()) {
        fail_at(graph.mark,
                "step '{}' has 'graph' and 'for_each' ({}); put the loop into a step around it",
                graph.name, why);
    }
    for (const Step& step : graph.steps) check_step(step, graph, context);
}

}  // namespace warpstep::workload
