// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/name_check.hpp"

#include "runtime/base/text.hpp"

namespace warpstep::workload {

void NameCheck::walk(const Node& node) const {
    if (node.kind == Node::Kind::name && !knows(node))
        refuse(node, "unknown name '{}'{}", node.text, suggestion(node.text, names()));
    if (node.kind == Node::Kind::call) {
        if (!knows_function(node.text)) {
            refuse(node, "unknown function '{}'{}", node.text, suggestion(node.text, functions()));
        }
        if (check_call(node)) return;
    }
    const bool equality = node.text == "==" || node.text == "!=";
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
        const Node& operand = node.operands[i];
        if (equality && operand.kind == Node::Kind::name &&
            may_be_beside_word(node.operands[1 - i]))
            continue;
        walk(operand);
    }
}

bool NameCheck::check_call(const Node&) const {
    return false;
}

bool NameCheck::may_be_beside_word(const Node& node) const {
    if (node.kind == Node::Kind::name) return is_text(node.text);
    return node.kind == Node::Kind::call && node.text == "select";
}

}  // namespace warpstep::workload
