// SPDX-License-Identifier: Apache-2.0
// Names in `expect:`. Operations bring numbers of their own (mse, r2), so inside a step a plain
// name may be anything; what begins with a known word is looked at.
#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/workload/builtins.hpp"
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

template <typename List>
std::vector<std::string> names_of(const List& list) {
    std::vector<std::string> names;
    for (const auto& entry : list) names.emplace_back(entry.name);
    return names;
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
    ExpectationCheck(const Expression& expression, const LoadContext& context, bool in_step)
        : NameCheck(expression), context_(context), in_step_(in_step) {}

  protected:
    // Refuses what only this knows to be wrong; the rest is refused by walk().
    bool knows(std::string_view name) const override {
        const auto [head, tail] = split_name(name);
        if (context_.names.is(NameKind::param, name) || find_reserved(name) != nullptr) return true;
        if (head == "steps") return knows_step(tail);
        if (context_.names.is(NameKind::dataset, head)) return has(dataset_names(), tail);
        if (head == "device" || head == "gpu") return false;
        return in_step_ && knows_metric(name);
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
        std::vector<std::string> names = context_.names.all_of(NameKind::param);
        const auto add = [&](const auto& list, const std::string& before,
                             const std::string& behind) {
            for (const auto& entry : list) names.push_back(before + std::string(entry) + behind);
        };
        add(reserved_names(), "", "");
        for (const std::string& dataset : context_.names.all_of(NameKind::dataset))
            add(names_of(dataset_names()), dataset + ".", "");
        std::vector<std::string> owners;
        for (const std::string& step : context_.step_names) owners.push_back("steps." + step + ".");
        std::sort(owners.begin(), owners.end());
        if (in_step_) owners.emplace_back();
        for (const std::string& owner : owners) {
            for (const Metric& metric : metric_names())
                add(statistic_names(), owner + metric.name + ".", "");
        }
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
    bool knows_step(std::string_view name) const {
        const auto [step, number] = split_name(name);
        if (context_.step_names.count(std::string(step)) == 0) {
            std::vector<std::string> steps(context_.step_names.begin(), context_.step_names.end());
            std::sort(steps.begin(), steps.end());
            fail_at(expression().mark(), "unknown step '{}' in 'steps.{}'{}", step, name,
                    suggestion(step, steps));
        }
        return !number.empty() && knows_metric(number);
    }

    // A metric has statistics; anything else may be a number of the operation.
    static bool knows_metric(std::string_view name) {
        const auto [metric, statistic] = split_name(name);
        if (statistic.empty() || !has(metric_names(), metric)) return true;
        const auto& statistics = statistic_names();
        return std::find(statistics.begin(), statistics.end(), statistic) != statistics.end();
    }

    void check_object(const Node& node, NameKind kind, std::string_view noun) const {
        if (node.kind == Node::Kind::name && context_.names.is(kind, node.text)) return;
        if (node.kind != Node::Kind::name) refuse(node, "expected the name of a {}", noun);
        refuse(node, "unknown {} '{}'{}", noun, node.text,
               suggestion(node.text, context_.names.all_of(kind)));
    }

    const LoadContext& context_;
    bool in_step_;
};

void check(const std::vector<Expectation>& expectations, const LoadContext& context, bool in_step) {
    for (const Expectation& expectation : expectations) {
        ExpectationCheck(expectation.that, context, in_step).walk(expectation.that.root());
        if (expectation.when)
            ExpectationCheck(*expectation.when, context, in_step).walk(expectation.when->root());
    }
}

void check_steps(const std::vector<Step>& steps, const LoadContext& context) {
    for (const Step& step : steps) {
        check(step.expect, context, true);
        check_steps(step.steps, context);
    }
}

}  // namespace

void check_expectations(const Workload& workload, const LoadContext& context) {
    check_steps(workload.steps, context);
    check(workload.expect, context, false);
}

}  // namespace warpstep::workload
