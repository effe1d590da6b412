// SPDX-License-Identifier: Apache-2.0
// `expect:`: names that no run can know, and values that could never be compared.
#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/workload/builtins.hpp"
#include "runtime/workload/expectation_types.hpp"
#include "runtime/workload/load_sections.hpp"
#include "runtime/workload/name_check.hpp"
#include "runtime/workload/names.hpp"

namespace warpstep::workload {
namespace {

using NameKind = DeclaredNames::Kind;

template <typename List>
bool has(const List& list, std::string_view name) {
    return std::any_of(list.begin(), list.end(),
                       [&](const auto& entry) { return entry.name == name; });
}

struct Split {
    std::string_view head, tail;  ///< before and behind the first point; no tail without one
};
Split split_name(std::string_view name) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return {name, {}};
    return {name.substr(0, dot), name.substr(dot + 1)};
}

class ExpectationCheck final : public NameCheck {
  public:
    /// `own`: of the step that holds it; nullptr at the end of the file.
    ExpectationCheck(const Expression& expression, const LoadContext& context,
                     const MetricsByStep& metrics, const Step* own)
        : NameCheck(expression), context_(context), metrics_(metrics), own_(own) {}

  protected:
    bool knows(const Node& node) const override {
        const auto [head, tail] = split_name(node.text);
        if (context_.names.is(NameKind::param, node.text) || find_reserved(node.text) != nullptr)
            return true;
        if (head == "steps") return knows_step(node, tail);
        if (context_.names.is(NameKind::dataset, head)) return has(dataset_names(), tail);
        if (head == "device" || head == "gpu" || own_ == nullptr) return false;
        return has_metric(node, own_->name, node.text);
    }
    bool knows_function(std::string_view name) const override {
        return find_builtin(name) != nullptr || has(expectation_functions(), name);
    }
    bool is_text(std::string_view name) const override {
        const ReservedName* reserved = find_reserved(name);
        return context_.names.is(NameKind::param, name) ||
               (reserved != nullptr && reserved->is_text);
    }

    std::vector<std::string> names() const override {
        std::vector<std::string> names;
        if (own_ != nullptr) append(metrics_.at(own_->name).names(), "", names);
        append(context_.names.all_of(NameKind::param), "", names);
        for (const std::string& dataset : context_.names.all_of(NameKind::dataset)) {
            for (const DatasetName& entry : dataset_names())
                names.push_back(dataset + "." + std::string(entry.name));
        }
        append(reserved_names(), "", names);
        for (const auto& [step, metrics] : metrics_)
            append(metrics.names(), "steps." + step + ".", names);
        return names;
    }
    std::vector<std::string> functions() const override {
        std::vector<std::string> functions = builtin_functions();
        for (const auto& function : expectation_functions()) functions.emplace_back(function.name);
        return functions;
    }

    bool check_call(const Node& call) const override {
        if (find_builtin(call.text) != nullptr) return false;
        const bool two = call.text == "mean_squared_error";
        if (call.operands.size() != (two ? 2U : 1U)) {
            const auto& list = expectation_functions();
            const auto function = std::find_if(list.begin(), list.end(), [&](const auto& entry) {
                return entry.name == call.text;
            });
            refuse(call, "wrong number of arguments ({}); write {}", call.operands.size(),
                   function->usage);
        }
        if (call.text == "max_abs") {
            context_.names.check_elements(call.operands[0], expression());
        } else if (two) {
            check_object(call.operands[0], NameKind::dataset, "dataset");
            check_object(call.operands[1], NameKind::buffer, "buffer");
        } else if (call.text == "equal_on_all_ranks") {
            check_object(call.operands[0], NameKind::buffer, "buffer");
        } else {
            if (call.operands[0].kind != Node::Kind::name) {
                refuse(call.operands[0],
                       "'{0}' takes names, not computed values; write for example "
                       "{0}(bandwidth.median)",
                       call.text);
            }
            return false;
        }
        return true;
    }

  private:
    // The name behind `steps.`: a step and one of its numbers.
    bool knows_step(const Node& node, std::string_view name) const {
        const auto [step, number] = split_name(name);
        if (context_.step_names.count(std::string(step)) == 0) {
            if (context_.step_names_are_missing) return true;
            std::vector<std::string> steps(context_.step_names.begin(), context_.step_names.end());
            std::sort(steps.begin(), steps.end());
            refuse(node, "unknown step '{}' in 'steps.{}'{}", step, name, suggestion(step, steps));
        }
        return has_metric(node, step, number);
    }

    bool has_metric(const Node& node, std::string_view step, std::string_view number) const {
        const auto it = metrics_.find(step);
        if (it == metrics_.end() || !it->second.complete || it->second.find(number) != nullptr)
            return true;
        const StepMetrics& metrics = it->second;
        const std::string_view head = split_name(number).head;
        const StepMetric* known = metrics.find(head);
        if (known != nullptr && !known->statistics)
            refuse(node, "'{0}' is one number, without statistics; write {0}", head);
        if (known != nullptr || !is_metric(head)) return false;
        refuse(node, "step '{}' has no '{}'{}; it has {}", step, head,
               metrics.why_fewer.empty() ? "" : " (" + metrics.why_fewer + ")", metrics.show());
    }

    // Of some step, if not of this one.
    bool is_metric(std::string_view name) const {
        return has(metric_names(), name) || has(graph_numbers(), name) ||
               std::any_of(metrics_.begin(), metrics_.end(),
                           [&](const auto& step) { return step.second.find(name) != nullptr; });
    }

    static void append(const std::vector<std::string>& names, const std::string& before,
                       std::vector<std::string>& all) {
        for (const std::string& name : names) all.push_back(before + name);
    }

    void check_object(const Node& node, NameKind kind, std::string_view noun) const {
        if (node.kind == Node::Kind::name && context_.names.is(kind, node.text)) return;
        if (node.kind != Node::Kind::name) refuse(node, "expected the name of a {}", noun);
        refuse(node, "unknown {} '{}'{}", noun, node.text,
               suggestion(node.text, context_.names.all_of(kind)));
    }

    const LoadContext& context_;
    const MetricsByStep& metrics_;
    const Step* own_;
};

class Checker {
  public:
    Checker(const Workload& workload, const LoadContext& context)
        : context_(context),
          metrics_(step_metrics(workload, context.operations)),
          types_(workload, metrics_) {}

    void check_steps(const std::vector<Step>& steps) const {
        for (const Step& step : steps) {
            check(step.expect, &step);
            check_steps(step.steps);
        }
    }
    void check(const std::vector<Expectation>& expectations, const Step* own) const {
        for (const Expectation& expectation : expectations) {
            check(expectation.that, own);
            if (expectation.when) check(*expectation.when, own);
        }
    }

  private:
    void check(const Expression& expression, const Step* own) const {
        context_.errors.gather([&] {
            ExpectationCheck(expression, context_, metrics_, own).walk(expression.root());
            need_truth(expression, types_.in(own));
        });
    }

    const LoadContext& context_;
    MetricsByStep metrics_;
    ExpectationTypes types_;
};

}  // namespace

void check_expectations(const Workload& workload, const LoadContext& context) {
    const Checker checker(workload, context);
    checker.check_steps(workload.steps);
    checker.check(workload.expect, nullptr);
}

}  // namespace warpstep::workload
