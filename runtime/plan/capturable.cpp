// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/capturable.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::plan {
namespace {

using workload::Step;

// The steps of one graph.
class GraphCheck {
  public:
    GraphCheck(const Step& graph, const workload::Workload& workload,
               const std::set<std::string>& loop_variables)
        : graph_(graph), workload_(workload), loop_variables_(loop_variables) {}

    void operator()() const {
        if (!graph_.for_each.empty()) {
            refuse(graph_, "its own for_each changes between launches",
                   "put the graph into a step with for_each");
        }
        for (const Step& step : graph_.steps) check(step);
    }

  private:
    [[noreturn]] void refuse(const Step& step, const std::string& why,
                             const std::string& fix) const {
        fail<ConfigError>("{}: step '{}' cannot stand in the graph '{}' at {} ({}); {}",
                          show(step.mark), step.name, graph_.name, show(graph_.mark), why, fix);
    }

    void check(const Step& step) const {
        const std::string out = "move it out of the graph";
        if (step.graph) refuse(step, "a graph holds no other graph", "remove the inner 'graph'");
        if (!step.for_each.empty()) {
            refuse(step, "a graph runs the same work at every launch, without loops", out);
        }
        if (step.warmup || step.times) {
            refuse(step, "its steps run once per launch, without 'repeat'",
                   "use graph: { launches: N, warmup: M }");
        }
        if (step.timeout) {
            refuse(step, "nobody watches a single step of a launch", "move 'timeout' to the graph");
        }
        if (!step.expect.empty()) {
            refuse(step, "single steps are not measured in a launch", "move 'expect' to the graph");
        }
        if (!step.verify.empty()) {
            refuse(step, "results are there after a whole launch", "move 'verify' to the graph");
        }
        check_operation(step, out);
        check_arguments(step);
        for (const Step& child : step.steps) check(child);
    }

    void check_operation(const Step& step, const std::string& out) const {
        if (const auto* row = find_operation(step.run); row != nullptr && row->needs_host) {
            refuse(step, step.run + " needs the host", out);
        }
        if (step.with.count("report") > 0) {
            refuse(step, "the host reads its report after every run", out);
        }
        if (step.run != "copy") return;
        for (const char* argument : {"from", "to"}) {
            const auto it = step.with.find(argument);
            if (it == step.with.end()) continue;
            const std::string& name = it->second.value.root().text;
            for (const auto& buffer : workload_.buffers) {
                if (buffer.name != name || buffer.memory != workload::MemoryKind::host) continue;
                refuse(step, "'" + name + "' lies in ordinary host memory",
                       "declare it with memory: host_pinned");
            }
        }
    }

    void check_arguments(const Step& step) const {
        for (const auto& [argument, value] : step.with) {
            if (argument == "data") {
                refuse(step, "every turn brings another batch", "move it out of the graph");
            }
            for (const std::string& name : value.value.names()) {
                const std::string variable = name.substr(0, name.find('.'));
                if (loop_variables_.count(variable) == 0) continue;
                refuse(step,
                       fmt::format("its '{}' reads '{}', which changes from turn to turn", argument,
                                   name),
                       "move it out of the graph");
            }
        }
    }

    const Step& graph_;
    const workload::Workload& workload_;
    const std::set<std::string>& loop_variables_;
};

void check_list(const std::vector<Step>& steps, const workload::Workload& workload,
                const std::set<std::string>& outer_variables) {
    for (const Step& step : steps) {
        if (step.graph) {
            GraphCheck(step, workload, outer_variables)();
            continue;
        }
        if (step.for_each.empty()) {
            check_list(step.steps, workload, outer_variables);
            continue;
        }
        std::set<std::string> variables = outer_variables;
        for (const auto& loop : step.for_each) variables.insert(loop.variable);
        check_list(step.steps, workload, variables);
    }
}

}  // namespace

void check_graphs(const workload::Workload& workload) {
    check_list(workload.steps, workload, {});
}

}  // namespace warpstep::plan
