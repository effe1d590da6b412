// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace warpstep::workload {
namespace {

void collect_names(const Node& node, std::set<std::string>& names) {
    if (node.kind == Node::Kind::name) names.insert(node.text);
    for (const Node& operand : node.operands) collect_names(operand, names);
}

bool reads_names(const Node& node) {
    return node.kind == Node::Kind::name ||
           std::any_of(node.operands.begin(), node.operands.end(), reads_names);
}

}  // namespace

std::string show(const Mark& mark) {
    if (mark.line > 0) return fmt::format("{}:{}:{}", mark.file, mark.line, mark.column);
    if (mark.file.empty()) return fmt::format("column {}", mark.column);
    return fmt::format("{}: column {}", mark.file, mark.column);
}

std::string show(const Node& node) {
    const auto operands = [&] {
        std::string list;
        for (const Node& operand : node.operands) {
            list += (list.empty() ? "" : ", ") + show(operand);
        }
        return list;
    };
    switch (node.kind) {
        case Node::Kind::number:
        case Node::Kind::name:
            return node.text;
        case Node::Kind::call:
            return node.text + "(" + operands() + ")";
        case Node::Kind::unary:
            return "(" + node.text + " " + operands() + ")";
        case Node::Kind::binary:
            return "(" + show(node.operands[0]) + " " + node.text + " " + show(node.operands[1]) +
                   ")";
    }
    return node.text;
}

Expression Expression::constant(Value value) {
    Expression result;
    result.text_ = show(value);
    result.root_ = std::make_shared<const Node>(
        Node{Node::Kind::number, std::move(value), result.text_, {}, 0});
    return result;
}

bool Expression::has_names() const {
    return root_ && reads_names(*root_);
}

std::set<std::string> Expression::names() const {
    std::set<std::string> names;
    if (root_) collect_names(*root_, names);
    return names;
}

}  // namespace warpstep::workload
