// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/probes.hpp"

#include <algorithm>
#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/plan/element_expression.hpp"

namespace warpstep::plan {
namespace {

using workload::Expectation;
using workload::Expression;
using workload::Node;
using workload::Step;

constexpr std::string_view true_weights = ".true_weights";

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

/// Says of every name how many elements it stands for; compares them with what came before.
class ProbeCheck {
  public:
    ProbeCheck(const Probe& probe, const std::vector<BufferPlan>& buffers,
               const std::map<std::string, std::int64_t>& weights)
        : probe_(probe), buffers_(buffers), weights_(weights) {}

    bool operator()(const std::string& name, bool before, std::vector<Wide>& out) {
        std::fill(out.begin(), out.end(), Wide{1});
        if (before) {
            fail<ConfigError>(
                "{}: 'before({})' has no meaning at the end of a run; name '{}' alone",
                show(probe_.expression->mark()), name, name);
        }
        const std::optional<std::int64_t> count = count_of(name);
        if (!count) return false;
        if (*count == 1) return true;
        if (!first_.empty() && count_ != *count) {
            fail<ConfigError>(
                "{}: '{}' has {} elements but '{}' has {}; compare equally many, or one "
                "with all",
                show(probe_.expression->mark()), name, *count, first_, count_);
        }
        first_ = name;
        count_ = *count;
        return true;
    }

  private:
    std::optional<std::int64_t> count_of(const std::string& name) const {
        for (const BufferPlan& plan : buffers_) {
            if (plan.name == name) return plan.count;
        }
        if (!name.ends_with(true_weights)) return std::nullopt;
        const std::string dataset = name.substr(0, name.size() - true_weights.size());
        if (const auto it = weights_.find(dataset); it != weights_.end()) return it->second;
        fail<ConfigError>(
            "{}: '{}' has no true weights (nobody knows those of a file); use a "
            "dataset with 'generate'",
            show(probe_.expression->mark()), dataset);
    }

    const Probe& probe_;
    const std::vector<BufferPlan>& buffers_;
    const std::map<std::string, std::int64_t>& weights_;
    std::string first_;
    std::int64_t count_ = 0;
};

}  // namespace

bool holds_all(const std::vector<BufferPlan>& buffers, const Probe& probe,
               const workload::Workload& workload) {
    const auto has = [](const auto& list, const std::string& name) {
        return std::any_of(list.begin(), list.end(),
                           [&](const auto& entry) { return entry.name == name; });
    };
    bool all = true;
    walk(*probe.node, [&](const Node& node) {
        all = all && (!has(workload.buffers, node.text) || has(buffers, node.text));
    });
    return all;
}

void check_probe(const Probe& probe, const std::vector<BufferPlan>& buffers,
                 const std::map<std::string, std::int64_t>& weights, const RankScope& scope) {
    if (probe.node->text != "max_abs") return;
    ProbeCheck check(probe, buffers, weights);
    evaluate_elements(
        *probe.expression, probe.node->operands[0], scope,
        [&](const std::string& name, bool before, std::int64_t, std::vector<Wide>& out) {
            return check(name, before, out);
        },
        0, 1);
}

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
