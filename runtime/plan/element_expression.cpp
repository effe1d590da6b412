// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/element_expression.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/error.hpp"

namespace warpstep::plan {
namespace {

using workload::Node;

class Evaluation {
  public:
    Evaluation(const workload::Expression& expression, const RankScope& scope,
               const ElementSource& source, std::int64_t begin, std::int64_t count)
        : expression_(expression), scope_(scope), source_(source), begin_(begin), count_(count) {}

    std::vector<Wide> operator()(const Node& node) const {
        switch (node.kind) {
            case Node::Kind::number:
                return constant(number(node.value, node));
            case Node::Kind::name:
                return name(node);
            case Node::Kind::call:
                return call(node);
            case Node::Kind::unary:
                return unary(node);
            case Node::Kind::binary:
                return binary(node);
        }
        refuse(node, "unknown syntax");
    }

  private:
    [[noreturn]] void refuse(const Node& node, std::string_view why) const {
        workload::Mark mark = expression_.mark();
        mark.column += node.column;
        fail<ConfigError>("{}: '{}' cannot be used on elements ({})", show(mark), node.text, why);
    }

    std::vector<Wide> constant(Wide value) const {
        return std::vector<Wide>(static_cast<std::size_t>(count_), value);
    }

    Wide number(const workload::Value& value, const Node& node) const {
        if (const auto* integer = std::get_if<std::int64_t>(&value.data)) return *integer;
        if (const auto* real = std::get_if<double>(&value.data)) return *real;
        refuse(node, "it is not a number");
    }

    std::vector<Wide> name(const Node& node) const {
        std::vector<Wide> elements(static_cast<std::size_t>(count_));
        if (source_(node.text, false, begin_, elements)) return elements;
        if (node.text == "index") {
            for (std::size_t i = 0; i < elements.size(); ++i)
                elements[i] = begin_ + static_cast<Wide>(i);
            return elements;
        }
        const auto value = scope_.find(node.text);
        if (!value) refuse(node, "neither a buffer nor a known name");
        return constant(number(*value, node));
    }

    template <typename Function>
    static std::vector<Wide> map(std::vector<Wide> a, const std::vector<Wide>& b, Function f) {
        for (std::size_t i = 0; i < a.size(); ++i) a[i] = f(a[i], b[i]);
        return a;
    }

    std::vector<Wide> call(const Node& node) const {
        const auto& operands = node.operands;
        if (node.text == "before" && operands.size() == 1 && operands[0].kind == Node::Kind::name) {
            std::vector<Wide> elements(static_cast<std::size_t>(count_));
            if (source_(operands[0].text, true, begin_, elements)) return elements;
            refuse(operands[0], "it is not a buffer");
        }
        if (operands.size() == 1 && (node.text == "abs" || node.text == "sqrt")) {
            auto a = (*this)(operands[0]);
            for (Wide& x : a) x = node.text == "abs" ? std::abs(x) : std::sqrt(x);
            return a;
        }
        if (operands.size() == 2 && (node.text == "min" || node.text == "max")) {
            const bool smaller = node.text == "min";
            return map((*this)(operands[0]), (*this)(operands[1]),
                       [=](Wide x, Wide y) { return smaller ? std::min(x, y) : std::max(x, y); });
        }
        if (operands.size() == 1 && (node.text == "floor" || node.text == "ceil")) {
            auto a = (*this)(operands[0]);
            for (Wide& x : a) x = node.text == "floor" ? std::floor(x) : std::ceil(x);
            return a;
        }
        if (operands.size() == 3 && node.text == "select") {
            const auto chosen = (*this)(operands[0]);
            auto a = (*this)(operands[1]);
            const auto b = (*this)(operands[2]);
            for (std::size_t i = 0; i < a.size(); ++i) a[i] = chosen[i] != 0 ? a[i] : b[i];
            return a;
        }
        refuse(node, "known: abs, before, ceil, floor, max, min, select, sqrt");
    }

    std::vector<Wide> unary(const Node& node) const {
        auto a = (*this)(node.operands[0]);
        for (Wide& x : a) x = node.text == "-" ? -x : (x == 0 ? Wide{1} : Wide{0});
        return a;
    }

    std::vector<Wide> binary(const Node& node) const {
        auto a = (*this)(node.operands[0]);
        const auto b = (*this)(node.operands[1]);
        if (node.text == "+") return map(std::move(a), b, [](Wide x, Wide y) { return x + y; });
        if (node.text == "-") return map(std::move(a), b, [](Wide x, Wide y) { return x - y; });
        if (node.text == "*") return map(std::move(a), b, [](Wide x, Wide y) { return x * y; });
        if (node.text == "/") return map(std::move(a), b, [](Wide x, Wide y) { return x / y; });
        if (node.text == "%") return map(std::move(a), b, remainder);
        return compare(node, std::move(a), b);
    }

    // Truth is 1 and 0: what select() chooses by.
    std::vector<Wide> compare(const Node& node, std::vector<Wide> a,
                              const std::vector<Wide>& b) const {
        const auto truth = [&](auto f) {
            return map(std::move(a), b,
                       [=](Wide x, Wide y) { return f(x, y) ? Wide{1} : Wide{0}; });
        };
        if (node.text == "==") return truth([](Wide x, Wide y) { return x == y; });
        if (node.text == "!=") return truth([](Wide x, Wide y) { return x != y; });
        if (node.text == "<") return truth([](Wide x, Wide y) { return x < y; });
        if (node.text == "<=") return truth([](Wide x, Wide y) { return x <= y; });
        if (node.text == ">") return truth([](Wide x, Wide y) { return x > y; });
        if (node.text == ">=") return truth([](Wide x, Wide y) { return x >= y; });
        if (node.text == "and") return truth([](Wide x, Wide y) { return x != 0 && y != 0; });
        if (node.text == "or") return truth([](Wide x, Wide y) { return x != 0 || y != 0; });
        refuse(node, "known: + - * / % and comparisons");
    }

    // The sign of the divisor, as in all other expressions.
    static Wide remainder(Wide x, Wide y) {
        const Wide rest = std::fmod(x, y);
        return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
    }

    const workload::Expression& expression_;
    const RankScope& scope_;
    const ElementSource& source_;
    std::int64_t begin_, count_;
};

}  // namespace

std::vector<Wide> evaluate_elements(const workload::Expression& expression, const RankScope& scope,
                                    const ElementSource& source, std::int64_t begin,
                                    std::int64_t count) {
    return evaluate_elements(expression, expression.root(), scope, source, begin, count);
}

std::vector<Wide> evaluate_elements(const workload::Expression& expression,
                                    const workload::Node& node, const RankScope& scope,
                                    const ElementSource& source, std::int64_t begin,
                                    std::int64_t count) {
    return Evaluation(expression, scope, source, begin, count)(node);
}

}  // namespace warpstep::plan
