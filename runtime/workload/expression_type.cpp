// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/expression_type.hpp"

#include <array>
#include <utility>
#include <vector>

#include "runtime/workload/arithmetic.hpp"
#include "runtime/workload/builtins.hpp"
#include "runtime/workload/place.hpp"

namespace warpstep::workload {
namespace {

using Kind = Type::Kind;
using MaybeType = std::optional<Type>;

constexpr Type plain{Kind::number, no_unit};
constexpr Type truth_value{Kind::truth, no_unit};

// A written 0 has every unit.
bool is_written_zero(const Node& node) {
    return node.kind == Node::Kind::number && node.value.is_number() && node.value.number() == 0 &&
           node.value.unit == no_unit;
}

bool is_relation(const Node& node) {
    return node.text == "==" || node.text == "!=" || node.text.front() == '<' ||
           node.text.front() == '>';
}

// Units come out of the same arithmetic as values: any number but 0 will do.
Value sample(const Type& type) {
    return {1.0, type.unit};
}

class Typing {
  public:
    Typing(const Expression& expression, const TypeScope& scope)
        : expression_(expression), scope_(scope) {}

    MaybeType operator()(const Node& node) const {
        try {
            return found(node);
        } catch (const Problem& problem) {
            refuse(node, problem.text);
        }
    }

    void need_truth(const Node& node, std::string_view user) const {
        const MaybeType type = (*this)(node);
        if (!type || type->kind == Kind::truth) return;
        refuse(node, fmt::format("{} true or false, not {}; compare it with something", user,
                                 show(*type)));
    }

  private:
    MaybeType found(const Node& node) const {
        switch (node.kind) {
            case Node::Kind::number:
                return type_of(node.value);
            case Node::Kind::name:
                return scope_.find(node);
            case Node::Kind::unary:
                return unary(node);
            case Node::Kind::binary:
                return binary(node);
            case Node::Kind::call:
                break;
        }
        return call(node);
    }

    MaybeType unary(const Node& node) const {
        const Node& operand = node.operands.front();
        if (node.text != "not") return number(operand, "-");
        need_truth(operand, "'not' needs");
        return truth_value;
    }

    MaybeType binary(const Node& node) const {
        const Node& left = node.operands[0];
        const Node& right = node.operands[1];
        if (node.text == "and" || node.text == "or") {
            need_truth(left, "'" + node.text + "' needs");
            need_truth(right, "'" + node.text + "' needs");
            return truth_value;
        }
        if (is_relation(node)) return relation(node, left, right);
        MaybeType a = number(left, node.text);
        MaybeType b = number(right, node.text);
        if (!a || !b) return std::nullopt;
        if (node.text != "*" && node.text != "/") adopt_units({&left, &right}, {&*a, &*b});
        return Type{Kind::number, calculate(node.text, sample(*a), sample(*b)).unit};
    }

    Type relation(const Node& node, const Node& left, const Node& right) const {
        MaybeType a = (*this)(left);
        MaybeType b = (*this)(right);
        const bool equality = node.text == "==" || node.text == "!=";
        for (const MaybeType& side : {a, b}) {
            if (side && side->kind != Kind::number && !equality)
                refuse(node, fmt::format("'{}' needs numbers, not {}; use == or !=", node.text,
                                         show(*side)));
        }
        if (!a || !b) return truth_value;
        if (a->kind != b->kind) {
            refuse(node,
                   fmt::format("'{}' cannot compare {} with {}", node.text, show(*a), show(*b)));
        }
        adopt_units({&left, &right}, {&*a, &*b});
        need_equal_units(node.text, a->unit, b->unit);
        return truth_value;
    }

    static void adopt_units(std::array<const Node*, 2> nodes, std::array<Type*, 2> types) {
        for (const std::size_t i : {0U, 1U}) {
            if (is_written_zero(*nodes[i])) types[i]->unit = types[1 - i]->unit;
        }
    }

    MaybeType number(const Node& node, std::string_view user) const {
        MaybeType type = (*this)(node);
        if (type && type->kind != Kind::number)
            refuse(node, fmt::format("'{}' needs numbers, not {}", user, show(*type)));
        return type;
    }

    MaybeType call(const Node& node) const {
        if (node.text == "select") return select(node);
        const Builtin* builtin = find_builtin(node.text);
        if (builtin == nullptr) return scope_.find(node);
        std::vector<Value> samples;
        for (const Node& operand : node.operands) {
            const MaybeType type = number(operand, node.text);
            if (!type) return std::nullopt;
            if (builtin->same_units && is_written_zero(operand)) continue;
            samples.push_back(sample(*type));
        }
        if (samples.empty()) return plain;
        // The power decides about the unit.
        if (node.text == "pow" && samples.front().unit != no_unit) {
            if (node.operands[1].kind != Node::Kind::number) return std::nullopt;
            samples[1] = node.operands[1].value;
        }
        return Type{Kind::number, builtin->apply(samples).unit};
    }

    MaybeType select(const Node& node) const {
        need_truth(node.operands[0], "'select' needs");
        const MaybeType a = (*this)(node.operands[1]);
        const MaybeType b = (*this)(node.operands[2]);
        return a == b ? a : std::nullopt;
    }

    [[noreturn]] void refuse(const Node& node, const std::string& text) const {
        fail_at(shifted(expression_.mark(), node.column), "{}", text);
    }

    const Expression& expression_;
    const TypeScope& scope_;
};

}  // namespace

std::string show(const Type& type) {
    if (type.kind == Kind::word) return "a word";
    return type.kind == Kind::truth ? "true or false" : show(type.unit);
}

Type type_of(const Value& value) {
    if (value.is_number()) return {Kind::number, value.unit};
    return std::holds_alternative<bool>(value.data) ? truth_value : Type{Kind::word, no_unit};
}

std::optional<Type> type_of(const Expression& expression, const TypeScope& scope) {
    return Typing(expression, scope)(expression.root());
}

void need_truth(const Expression& expression, const TypeScope& scope) {
    Typing(expression, scope).need_truth(expression.root(), "expected");
}

}  // namespace warpstep::workload
