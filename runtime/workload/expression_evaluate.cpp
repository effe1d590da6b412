// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/base/text.hpp"
#include "runtime/workload/arithmetic.hpp"
#include "runtime/workload/builtins.hpp"
#include "runtime/workload/names.hpp"
#include "runtime/workload/place.hpp"

namespace warpstep::workload {
namespace {

bool is_equality(const Node& node) {
    return node.text == "==" || node.text == "!=";
}

bool is_comparison(const Node& node) {
    return is_equality(node) || node.text.front() == '<' || node.text.front() == '>';
}

// A written 0 has every unit.
void adopt_unit(const Node& node, Value& value, const Value& other) {
    const bool plain_zero = node.kind == Node::Kind::number && value.is_number() &&
                            value.number() == 0 && value.unit == no_unit;
    if (plain_zero && other.is_number()) value.unit = other.unit;
}

class Evaluator {
  public:
    Evaluator(const Mark& mark, const Scope& scope) : mark_(mark), scope_(scope) {}

    Value operator()(const Node& node) const {
        try {
            return value_of(node);
        } catch (const Problem& problem) {
            fail_here(node, "{}", problem.text);
        }
    }

  private:
    Value value_of(const Node& node) const {
        switch (node.kind) {
            case Node::Kind::number:
                return node.value;
            case Node::Kind::name:
                return known(node, scope_.find(node.text));
            case Node::Kind::unary:
                return unary(node);
            case Node::Kind::binary:
                return binary(node);
            case Node::Kind::call:
                break;
        }
        return call(node);
    }

    Value known(const Node& node, std::optional<Value> value) const {
        if (!value)
            fail_here(node, "unknown name '{}'{}", node.text,
                      suggestion(node.text, scope_.names()));
        if (value->is_number() && std::isnan(value->number())) {
            fail_here(node, "'{}' is not a number (NaN)", node.text);
        }
        return *std::move(value);
    }

    Value unary(const Node& node) const {
        const Node& operand = node.operands.front();
        if (node.text == "not") return {!truth(operand, "not"), no_unit};
        return negate((*this)(operand));
    }

    Value binary(const Node& node) const {
        const Node& left = node.operands[0];
        const Node& right = node.operands[1];
        if (node.text == "and") return {truth(left, "and") && truth(right, "and"), no_unit};
        if (node.text == "or") return {truth(left, "or") || truth(right, "or"), no_unit};
        auto [a, b] = is_equality(node) ? values_or_words(left, right)
                                        : std::pair{(*this)(left), (*this)(right)};
        if (node.text != "*" && node.text != "/") {
            adopt_unit(left, a, b);
            adopt_unit(right, b, a);
        }
        if (is_comparison(node)) return {compare(node.text, a, b), no_unit};
        return calculate(node.text, a, b);
    }

    // device.kind == cuda: a name nobody knows, compared with a text, is a word.
    std::pair<Value, Value> values_or_words(const Node& left, const Node& right) const {
        if (is_unknown_name(left)) {
            Value value = is_unknown_name(right) ? (*this)(left) : (*this)(right);
            return {word_beside(left, value), value};
        }
        Value value = (*this)(left);
        if (is_unknown_name(right)) return {value, word_beside(right, value)};
        return {std::move(value), (*this)(right)};
    }

    bool is_unknown_name(const Node& node) const {
        return node.kind == Node::Kind::name && !scope_.find(node.text);
    }

    Value word_beside(const Node& node, const Value& other) const {
        if (!std::holds_alternative<std::string>(other.data)) return known(node, std::nullopt);
        return {node.text, no_unit};
    }

    Value call(const Node& node) const {
        if (node.text == "select") {
            return (*this)(truth(node.operands[0], "select") ? node.operands[1] : node.operands[2]);
        }
        if (const Builtin* builtin = find_builtin(node.text))
            return builtin->apply(arguments(node, *builtin));
        return call_over_names(node);
    }

    std::vector<Value> arguments(const Node& node, const Builtin& builtin) const {
        std::vector<Value> values;
        for (const Node& operand : node.operands) values.push_back((*this)(operand));
        for (std::size_t i = 0; builtin.same_units && i < values.size(); ++i) {
            for (const Value& other : values) adopt_unit(node.operands[i], values[i], other);
        }
        return values;
    }

    Value call_over_names(const Node& node) const {
        if (auto value = scope_.measured(node)) return known(node, std::move(value));
        std::vector<std::string> names;
        for (const Node& operand : node.operands) {
            if (operand.kind == Node::Kind::name) names.push_back(operand.text);
        }
        const bool all_names = names.size() == node.operands.size();
        if (all_names) {
            if (auto value = scope_.call(node.text, names)) return known(node, std::move(value));
        }
        refuse_call(node, names, all_names);
    }

    [[noreturn]] void refuse_call(const Node& node, const std::vector<std::string>& names,
                                  bool all_names) const {
        std::vector<std::string> functions = builtin_functions();
        for (std::string& name : scope_.names()) functions.push_back(std::move(name));
        const bool exists =
            std::find(functions.begin(), functions.end(), node.text) != functions.end();
        if (exists && all_names) {
            fail_here(node, "'{}' has no value for ({}); check these names", node.text,
                      join(names, ", "));
        }
        if (!all_names && (exists || nearest(node.text, functions).empty())) {
            fail_here(node, "'{0}' takes names, not computed values; write for example {0}(x)",
                      node.text);
        }
        fail_here(node, "unknown function '{}'{}", node.text, suggestion(node.text, functions));
    }

    bool truth(const Node& node, std::string_view user) const {
        const Value value = (*this)(node);
        if (const bool* result = std::get_if<bool>(&value.data)) return *result;
        fail_here(node, "'{}' needs true or false, not {}; compare it with something", user,
                  show(value));
    }

    template <typename... Args>
    [[noreturn]] void fail_here(const Node& node, fmt::format_string<Args...> format,
                                Args&&... args) const {
        fail_at(shifted(mark_, node.column), "{}",
                fmt::format(format, std::forward<Args>(args)...));
    }

    const Mark& mark_;
    const Scope& scope_;
};

}  // namespace

Value Expression::evaluate(const Scope& scope) const {
    if (!root_) fail<LogicError>("an expression was never set");
    return Evaluator(mark_, scope)(*root_);
}

std::int64_t Expression::evaluate_count(const Scope& scope) const {
    try {
        return whole(evaluate(scope));
    } catch (const Problem& problem) {
        fail_at(mark_, "{}", problem.text);
    }
}

double Expression::evaluate_number(const Scope& scope) const {
    const Value value = evaluate(scope);
    if (!value.is_number()) fail_at(mark_, "expected a number (this is {})", show(value));
    return value.number();
}

bool Expression::evaluate_truth(const Scope& scope) const {
    const Value value = evaluate(scope);
    if (const bool* result = std::get_if<bool>(&value.data)) return *result;
    fail_at(mark_, "expected true or false (this is {}); compare it with something", show(value));
}

}  // namespace warpstep::workload
