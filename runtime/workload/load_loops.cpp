// SPDX-License-Identifier: Apache-2.0
// `for_each:`, a list of loops, the first one outermost.
#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

using NameKind = DeclaredNames::Kind;

// The N of range(N), with the place where it stands.
Expression range_count(const YamlNode& node, const LoadContext& context) {
    const std::string& text = node.text();
    const std::size_t open = text.find('(') + 1;
    Expression count = Expression::parse(text.substr(open, text.rfind(')') - open),
                                         shifted(node.mark(), static_cast<int>(open)));
    context.names.check_fixed(count);
    return count;
}

Loop load_loop(const YamlNode& node, LoadContext& context) {
    const YamlMap map = node.map();
    if (map.entries().size() != 1)
        node.fail("a loop has one variable; write '- name: range(count)'");
    const auto& [variable, mark, value] = map.entries().front();
    const Expression what = value.expression();
    const Node& root = what.root();
    Loop loop;
    loop.variable = variable;
    if (root.kind == Node::Kind::call && root.text == "range" && root.operands.size() == 1) {
        loop.kind = Loop::Kind::range;
        loop.count = range_count(value, context);
        context.names.declare(NameKind::counter, variable, mark);
        return loop;
    }
    if (root.kind != Node::Kind::name) {
        value.fail("cannot loop over '{}'; write range(count) or the name of a dataset",
                   what.text());
    }
    if (!context.names.is(NameKind::dataset, root.text)) {
        value.fail("unknown dataset '{}'{}", root.text,
                   suggestion(root.text, context.names.all_of(NameKind::dataset)));
    }
    loop.kind = Loop::Kind::batches;
    loop.dataset = root.text;
    context.names.declare(NameKind::batch, variable, mark);
    return loop;
}

}  // namespace

std::vector<Loop> load_loops(const YamlNode& node, LoadContext& context) {
    std::vector<Loop> loops;
    for (const YamlNode& entry : node.list()) loops.push_back(load_loop(entry, context));
    return loops;
}

}  // namespace warpstep::workload
