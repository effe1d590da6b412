// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/probes.hpp"

#include <algorithm>

namespace warpstep::plan {
namespace {

using workload::Expectation;
using workload::Expression;
using workload::Node;
using workload::Step;

template <typename Visit>
void walk(const Node& node, const Visit& visit) {
    visit(node);
    for (const Node& operand : node.operands) walk(operand, visit);
}

template <typename Visit>
void walk(const std::vector<Expectation>& expectations, const Visit& visit) {
    for (const Expectation& expectation : expectations) {
        walk(expectation.that.root(), [&](const Node& node) { visit(expectation.that, node); });
    }
}

template <typename Visit>
void walk(const std::vector<Step>& steps, const Visit& visit) {
    for (const Step& step : steps) {
        walk(step.expect, visit);
        walk(step.steps, visit);
    }
}

Step evaluation_of(const Node& call, const Expression& expression) {
    Step step;
    step.name = show(call);
    step.run = "linear.evaluate";
    step.mark = expression.mark();
    step.with.emplace("data", workload::Argument{Expression::parse(call.operands[0].text)});
    step.with.emplace("w", workload::Argument{Expression::parse(call.operands[1].text)});
    return step;
}

}  // namespace

std::vector<Probe> probes_of(const workload::Workload& workload) {
    std::vector<Probe> probes;
    const auto visit = [&](const Expression& expression, const Node& node) {
        const bool call = node.kind == Node::Kind::call &&
                          (node.text == "mean_squared_error" || node.text == "max_abs" ||
                           node.text == "equal_on_all_ranks");
        const bool name = node.kind == Node::Kind::name && node.text.ends_with(seen_once);
        if (!call && !name) return;
        const std::string key = show(node);
        if (std::any_of(probes.begin(), probes.end(),
                        [&](const Probe& probe) { return probe.key == key; })) {
            return;
        }
        Probe& probe = probes.emplace_back(Probe{key, &node, &expression});
        if (node.text == "mean_squared_error") probe.evaluation = evaluation_of(node, expression);
    };
    walk(workload.steps, visit);
    walk(workload.expect, visit);
    return probes;
}

}  // namespace warpstep::plan
