// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/declared_names.hpp"

#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/workload/builtins.hpp"
#include "runtime/workload/names.hpp"
#include "runtime/workload/place.hpp"

namespace warpstep::workload {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
    list.insert(list.end(), more.begin(), more.end());
}

std::string_view show(DeclaredNames::Kind kind) {
    switch (kind) {
        case DeclaredNames::Kind::param:
            return "a param";
        case DeclaredNames::Kind::buffer:
            return "a buffer";
        case DeclaredNames::Kind::dataset:
            return "a dataset";
        case DeclaredNames::Kind::counter:
        case DeclaredNames::Kind::batch:
            break;
    }
    return "a loop variable";
}

// Walks one expression and refuses what is not known.
class NameCheck {
  public:
    NameCheck(const Expression& expression, std::vector<std::string> known,
              std::vector<std::string> functions, std::vector<std::string> may_be_text)
        : expression_(expression),
          known_(std::move(known)),
          functions_(std::move(functions)),
          may_be_text_(std::move(may_be_text)) {}

    void walk(const Node& node) const {
        if (node.kind == Node::Kind::name) name(node);
        if (node.kind == Node::Kind::call && !contains(functions_, node.text)) {
            refuse(node, "unknown function '{}'{}", node.text, suggestion(node.text, functions_));
        }
        const bool equality = node.text == "==" || node.text == "!=";
        for (std::size_t i = 0; i < node.operands.size(); ++i) {
            const Node& operand = node.operands[i];
            if (equality && operand.kind == Node::Kind::name && is_text(node.operands[1 - i]))
                continue;
            walk(operand);
        }
    }

  private:
    // Whether a name compared with this may be a word: device.kind == cuda.
    bool is_text(const Node& node) const {
        if (node.kind == Node::Kind::name) return contains(may_be_text_, node.text);
        return node.kind == Node::Kind::call && node.text == "select";
    }

    void name(const Node& node) const {
        if (contains(known_, node.text)) return;
        refuse(node, "unknown name '{}'{}", node.text, suggestion(node.text, known_));
    }

    template <typename... Args>
    [[noreturn]] void refuse(const Node& node, fmt::format_string<Args...> format,
                             Args&&... args) const {
        fail_at(shifted(expression_.mark(), node.column), "{}",
                fmt::format(format, std::forward<Args>(args)...));
    }

    const Expression& expression_;
    std::vector<std::string> known_, functions_, may_be_text_;
};

}  // namespace

void DeclaredNames::declare(Kind kind, const std::string& name, const Mark& mark) {
    if (!is_identifier(name)) {
        fail_at(mark, "'{}' cannot name {} (letters, digits and '_', no digit first); rename it",
                name, show(kind));
    }
    if (is_reserved(name)) {
        fail_at(mark, "'{}' cannot name {} (it has a meaning in expressions); rename it", name,
                show(kind));
    }
    if (const auto taken = kinds_.find(name); taken != kinds_.end()) {
        fail_at(mark, "'{}' cannot name {} (it already names {}); rename one of them", name,
                show(kind), show(taken->second));
    }
    kinds_.emplace(name, kind);
    order_.push_back(name);
}

void DeclaredNames::forget(const std::string& name) {
    kinds_.erase(name);
    order_.erase(std::remove(order_.begin(), order_.end(), name), order_.end());
}

bool DeclaredNames::is(Kind kind, std::string_view name) const {
    const auto it = kinds_.find(name);
    return it != kinds_.end() && it->second == kind;
}

std::vector<std::string> DeclaredNames::all_of(Kind kind) const {
    std::vector<std::string> result;
    for (const std::string& name : order_) {
        if (is(kind, name)) result.push_back(name);
    }
    return result;
}

std::vector<std::string> DeclaredNames::fixed_names() const {
    std::vector<std::string> names = all_of(Kind::param);
    append(names, reserved_names());
    return names;
}

std::vector<std::string> DeclaredNames::loop_names() const {
    std::vector<std::string> names = all_of(Kind::counter);
    for (const std::string& batch : all_of(Kind::batch)) {
        for (const char* field : {".size", ".rows", ".index"}) names.push_back(batch + field);
    }
    return names;
}

void DeclaredNames::check_fixed(const Expression& expression) const {
    std::vector<std::string> texts = all_of(Kind::param);
    append(texts, reserved_text_names());
    for (const std::string& name : expression.names()) {
        if (contains(loop_names(), name)) {
            fail_at(expression.mark(),
                    "'{}' changes while the loop runs (this value is decided once, before the "
                    "run); use "
                    "it in 'with' only",
                    name);
        }
    }
    NameCheck(expression, fixed_names(), builtin_functions(), texts).walk(expression.root());
}

void DeclaredNames::check_argument(const Expression& expression) const {
    std::vector<std::string> known = fixed_names();
    append(known, loop_names());
    std::vector<std::string> texts = all_of(Kind::param);
    append(texts, reserved_text_names());
    if (expression.root().kind == Node::Kind::name) {
        for (const Kind kind : {Kind::buffer, Kind::dataset, Kind::batch})
            append(known, all_of(kind));
    }
    NameCheck(expression, known, builtin_functions(), texts).walk(expression.root());
}

void DeclaredNames::check_elements(const Expression& expression) const {
    std::vector<std::string> known = all_of(Kind::buffer);
    append(known, fixed_names());
    append(known, loop_names());
    known.emplace_back("index");
    std::vector<std::string> functions = builtin_functions();
    functions.emplace_back("before");
    NameCheck(expression, known, functions, {}).walk(expression.root());
}

}  // namespace warpstep::workload
