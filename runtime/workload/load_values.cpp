// SPDX-License-Identifier: Apache-2.0
// Values that more than one section holds.
#include <limits>

#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

// Knows nothing: for values that must be the same wherever they are read.
class EmptyScope final : public Scope {
  public:
    std::optional<Value> find(std::string_view) const override { return std::nullopt; }
};

std::int64_t counted(const YamlNode& node, const Expression& expression, std::int64_t least) {
    const std::int64_t count = expression.evaluate_count(EmptyScope{});
    if (count < least) node.fail("{} is {} (it must be {} or more)", node.title(), count, least);
    return count;
}

}  // namespace

Expression load_fixed(const YamlNode& node, const LoadContext& context) {
    Expression expression = node.expression();
    context.names.check_fixed(expression);
    return expression;
}

Expression load_count(const YamlNode& node, const LoadContext& context, std::int64_t least) {
    Expression expression = load_fixed(node, context);
    if (expression.names().empty()) counted(node, expression, least);
    return expression;
}

double load_number(const YamlNode& node) {
    const Expression expression = node.expression();
    const Value value = expression.evaluate(EmptyScope{});
    if (!value.is_number() || value.unit != no_unit || value.number() < 0) {
        node.fail("{} must be a number without a unit, 0 or more, not {}", node.title(),
                  expression.text());
    }
    return value.number();
}

int load_integer(const YamlNode& node, int least) {
    const std::int64_t count = counted(node, node.expression(), least);
    if (count > std::numeric_limits<int>::max())
        node.fail("{} is too large ({})", node.title(), count);
    return static_cast<int>(count);
}

void check_buffer(const std::string& text, const Mark& mark, const LoadContext& context) {
    if (context.names.is(DeclaredNames::Kind::buffer, text)) return;
    fail_at(mark, "unknown buffer '{}'{}", text,
            suggestion(text, context.names.all_of(DeclaredNames::Kind::buffer)));
}

}  // namespace warpstep::workload
