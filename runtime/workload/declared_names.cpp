// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/declared_names.hpp"

#include <algorithm>
#include <array>

#include "runtime/workload/builtins.hpp"
#include "runtime/workload/name_check.hpp"
#include "runtime/workload/names.hpp"

namespace warpstep::workload {
namespace {

using NameKind = DeclaredNames::Kind;

constexpr std::array<std::string_view, 3> batch_fields{"size", "rows", "index"};

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
    list.insert(list.end(), more.begin(), more.end());
}

std::string_view show(NameKind kind) {
    switch (kind) {
        case NameKind::param:
            return "a param";
        case NameKind::buffer:
            return "a buffer";
        case NameKind::dataset:
            return "a dataset";
        case NameKind::counter:
        case NameKind::batch:
            break;
    }
    return "a loop variable";
}

// `batch.size` of the batch `batch`.
bool is_batch_field(const DeclaredNames& names, std::string_view name) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos || !names.is(NameKind::batch, name.substr(0, dot)))
        return false;
    return std::find(batch_fields.begin(), batch_fields.end(), name.substr(dot + 1)) !=
           batch_fields.end();
}

std::vector<std::string> loop_names(const DeclaredNames& declared) {
    std::vector<std::string> names = declared.all_of(NameKind::counter);
    for (const std::string& batch : declared.all_of(NameKind::batch)) {
        for (const std::string_view field : batch_fields)
            names.push_back(batch + "." + std::string(field));
    }
    return names;
}

// Params and reserved names.
class FixedCheck : public NameCheck {
  public:
    FixedCheck(const Expression& expression, const DeclaredNames& declared)
        : NameCheck(expression), declared_(declared) {}

  protected:
    bool knows(const Node& node) const override {
        return declared_.is(NameKind::param, node.text) || find_reserved(node.text) != nullptr;
    }
    bool knows_function(std::string_view name) const override {
        return find_builtin(name) != nullptr;
    }
    bool is_text(std::string_view name) const override {
        const ReservedName* reserved = find_reserved(name);
        return declared_.is(NameKind::param, name) || (reserved != nullptr && reserved->is_text);
    }
    std::vector<std::string> names() const override {
        std::vector<std::string> names = declared_.all_of(NameKind::param);
        append(names, reserved_names());
        return names;
    }
    std::vector<std::string> functions() const override { return builtin_functions(); }

    const DeclaredNames& declared() const { return declared_; }

  private:
    const DeclaredNames& declared_;
};

// Also loop variables; a name alone may be a buffer, a dataset or a batch.
class ArgumentCheck final : public FixedCheck {
  public:
    using FixedCheck::FixedCheck;

  protected:
    bool knows(const Node& node) const override {
        const std::string& name = node.text;
        if (FixedCheck::knows(node) || declared().is(NameKind::counter, name) ||
            is_batch_field(declared(), name)) {
            return true;
        }
        return is_alone() &&
               (declared().is(NameKind::buffer, name) || declared().is(NameKind::dataset, name) ||
                declared().is(NameKind::batch, name));
    }
    std::vector<std::string> names() const override {
        std::vector<std::string> names = FixedCheck::names();
        append(names, loop_names(declared()));
        if (is_alone()) {
            for (const NameKind kind : {NameKind::buffer, NameKind::dataset, NameKind::batch})
                append(names, declared().all_of(kind));
        }
        return names;
    }

  private:
    bool is_alone() const { return expression().root().kind == Node::Kind::name; }
};

// Buffers stand for their elements.
class ElementCheck final : public FixedCheck {
  public:
    using FixedCheck::FixedCheck;

  protected:
    bool knows(const Node& node) const override {
        const std::string& name = node.text;
        return declared().is(NameKind::buffer, name) || name == "index" ||
               FixedCheck::knows(node) || declared().is(NameKind::counter, name) ||
               is_batch_field(declared(), name) || is_true_weights(name);
    }
    bool knows_function(std::string_view name) const override {
        return name == "before" || FixedCheck::knows_function(name);
    }
    bool is_text(std::string_view) const override { return false; }
    std::vector<std::string> names() const override {
        std::vector<std::string> names = declared().all_of(NameKind::buffer);
        append(names, FixedCheck::names());
        append(names, loop_names(declared()));
        names.emplace_back("index");
        return names;
    }
    std::vector<std::string> functions() const override {
        std::vector<std::string> functions = builtin_functions();
        functions.emplace_back("before");
        return functions;
    }

  private:
    bool is_true_weights(std::string_view name) const {
        const std::size_t dot = name.find('.');
        return dot != std::string_view::npos && name.substr(dot + 1) == "true_weights" &&
               declared().is(NameKind::dataset, name.substr(0, dot));
    }
};

// The first loop variable in it, or nullptr.
const Node* find_loop_name(const Node& node, const DeclaredNames& declared) {
    if (node.kind == Node::Kind::name)
        return declared.is_loop_name(node.text) && !declared.is(NameKind::batch, node.text)
                   ? &node
                   : nullptr;
    for (const Node& operand : node.operands) {
        if (const Node* found = find_loop_name(operand, declared)) return found;
    }
    return nullptr;
}

}  // namespace

void DeclaredNames::declare(NameKind kind, const std::string& name, const Mark& mark) {
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

bool DeclaredNames::is(NameKind kind, std::string_view name) const {
    const auto it = kinds_.find(name);
    return it != kinds_.end() && it->second == kind;
}

std::vector<std::string> DeclaredNames::all_of(NameKind kind) const {
    std::vector<std::string> result;
    for (const std::string& name : order_) {
        if (is(kind, name)) result.push_back(name);
    }
    return result;
}

bool DeclaredNames::is_loop_name(std::string_view name) const {
    return is(NameKind::counter, name) || is(NameKind::batch, name) || is_batch_field(*this, name);
}

void DeclaredNames::check_fixed(const Expression& expression) const {
    if (const Node* loop = find_loop_name(expression.root(), *this)) {
        fail_at(expression.mark(),
                "'{}' changes while the loop runs (this value is decided once, before the run); "
                "use it in 'with' only",
                loop->text);
    }
    FixedCheck(expression, *this).walk(expression.root());
}

void DeclaredNames::check_argument(const Expression& expression) const {
    ArgumentCheck(expression, *this).walk(expression.root());
}

void DeclaredNames::check_elements(const Expression& expression) const {
    check_elements(expression.root(), expression);
}

void DeclaredNames::check_elements(const Node& node, const Expression& expression) const {
    ElementCheck(expression, *this).walk(node);
}

}  // namespace warpstep::workload
