// SPDX-License-Identifier: Apache-2.0
// Values that more than one section holds.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>

#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"
#include "runtime/workload/names.hpp"

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

// The least of a form, or of the count among its alternatives.
std::int64_t least_of(const Form& form) {
    for (const Form& part : form.parts) {
        if (part.kind == Form::Kind::count) return part.least;
    }
    return form.least;
}

}  // namespace

Expression load_fixed(const YamlNode& node, const LoadContext& context) {
    Expression expression = node.expression();
    context.names.check_fixed(expression);
    return expression;
}

std::optional<Expression> load_fixed(const Fields& fields, std::string_view key,
                                     const LoadContext& context) {
    const YamlNode* node = fields.find(key);
    return node == nullptr ? std::nullopt : std::optional(load_fixed(*node, context));
}

Expression load_count(const YamlNode& node, const Form& form, const LoadContext& context) {
    Expression expression = load_fixed(node, context);
    if (!expression.has_names()) counted(node, expression, least_of(form));
    return expression;
}

std::optional<Expression> load_count(const Fields& fields, std::string_view key,
                                     const LoadContext& context) {
    const YamlNode* node = fields.find(key);
    if (node == nullptr) return std::nullopt;
    return load_count(*node, fields.form(key), context);
}

Expression load_duration(const YamlNode& node, const LoadContext& context) {
    Expression expression = load_fixed(node, context);
    if (expression.has_names()) return expression;
    const Value value = expression.evaluate(EmptyScope{});
    if (!value.is_number() || value.unit != unit_seconds || value.number() <= 0) {
        node.fail("{} must be a duration above 0, not {}; write 30s or 5m", node.title(),
                  expression.text());
    }
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

int load_integer(const YamlNode& node, std::int64_t least) {
    const std::int64_t count = counted(node, node.expression(), least);
    if (count > std::numeric_limits<int>::max())
        node.fail("{} is too large ({})", node.title(), count);
    return static_cast<int>(count);
}

std::string load_buffer_name(const YamlNode& node, const LoadContext& context) {
    check_buffer(node.text(), node.mark(), context);
    return node.text();
}

void check_buffer(const std::string& text, const Mark& mark, const LoadContext& context) {
    if (context.names.is(DeclaredNames::Kind::buffer, text)) return;
    fail_at(mark, "unknown buffer '{}'{}", text,
            suggestion(text, context.names.all_of(DeclaredNames::Kind::buffer)));
}

std::string load_path(const YamlNode& node, const LoadContext& context) {
    namespace fs = std::filesystem;
    const fs::path file = fs::path(context.path).parent_path() / node.text();
    std::error_code error;
    if (fs::is_directory(file, error))
        node.fail("cannot read {} (it is a directory); name a file", file.string());
    if (::access(file.c_str(), R_OK) != 0) {
        node.fail("cannot read {} ({}); paths are relative to the workload file", file.string(),
                  std::strerror(errno));
    }
    return file.string();
}

bool is_dashed_identifier(std::string_view text) {
    std::string letters(text);
    std::replace(letters.begin(), letters.end(), '-', '_');
    return is_identifier(letters) && text.front() != '-' && text.back() != '-';
}

}  // namespace warpstep::workload
