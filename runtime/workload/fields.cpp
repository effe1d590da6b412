// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/fields.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/text.hpp"

namespace warpstep::workload {
namespace {

using FormKind = Form::Kind;

// "a map", "a list", "a single value": what YAML has to say about a form.
std::string_view shape_of(const Form& form) {
    switch (form.kind) {
        case FormKind::list:
            return "a list";
        case FormKind::named:
        case FormKind::section:
            return "a map";
        default:
            return "a single value";
    }
}

bool has_shape(const YamlNode& node, const Form& form) {
    const std::string_view shape = shape_of(form);
    if (shape == "a list") return node.is_list();
    return shape == "a map" ? node.is_map() : node.is_text();
}

void check_alternatives(const YamlNode& node, const Form& form, std::string_view example) {
    std::vector<std::string> shapes;
    const Form* only = nullptr;
    int fitting = 0;
    for (const Form& part : form.parts) {
        const std::string shape(shape_of(part));
        if (std::find(shapes.begin(), shapes.end(), shape) == shapes.end()) shapes.push_back(shape);
        if (!has_shape(node, part)) continue;
        only = &part;
        ++fitting;
    }
    if (fitting == 0) node.refuse_kind(join(shapes, " or "));
    if (fitting == 1) check_form(node, *only, example);
}

void check_entries(const YamlNode& node, const Form& form, std::string_view example) {
    const std::size_t entries = node.size();
    if (entries >= form.fewest && entries <= form.most) return;
    if (entries < form.fewest) {
        node.fail("{} is empty; write{}", node.title(),
                  example.empty() ? " an entry" : fmt::format(" for example {}", example));
    }
    node.fail("{} has {} entries; give it {}", node.title(), entries,
              form.fewest == form.most ? fmt::format("{}", form.most)
                                       : fmt::format("{} to {}", form.fewest, form.most));
}

bool is_given(const YamlMap& map, std::string_view key) {
    return map.find(key) != nullptr;
}

}  // namespace

void check_form(const YamlNode& node, const Form& form, std::string_view example) {
    if (form.kind == FormKind::any_of) return check_alternatives(node, form, example);
    if (!has_shape(node, form)) node.refuse_kind(shape_of(form));
    if (form.kind == FormKind::word) node.one_of(form.words);
    if (form.kind == FormKind::truth) node.truth();
    if (form.fewest > 0 || form.most != Form::unlimited) check_entries(node, form, example);
}

bool is_word(const YamlNode& node, const Form& form) {
    if (!node.is_text()) return false;
    if (form.kind == FormKind::word)
        return std::find(form.words.begin(), form.words.end(), node.text()) != form.words.end();
    return std::any_of(form.parts.begin(), form.parts.end(),
                       [&](const Form& part) { return is_word(node, part); });
}

Fields::Fields(const YamlNode& node, const Section& section)
    : Fields(node, section, node.title()) {}

Fields::Fields(const YamlNode& node, const Section& section, std::string title)
    : section_(section), title_(std::move(title)), map_(node.map()) {
    check_keys();
    check_choices();
    check_needs();
    for (const YamlMap::Entry& entry : map_.entries()) {
        const Key& key = *find_key(section_, entry.key);
        check_form(entry.value, key.form, key.example);
    }
}

void Fields::check_keys() const {
    for (const YamlMap::Entry& entry : map_.entries()) {
        if (find_key(section_, entry.key) != nullptr) continue;
        fail_at(entry.mark, "unknown key '{}' in {}{}", entry.key, title(),
                suggestion(entry.key, key_names(section_)));
    }
}

void Fields::check_choices() const {
    for (const auto& choice : section_.choices) {
        const auto given = std::count_if(choice.begin(), choice.end(),
                                         [&](std::string_view key) { return is_given(map_, key); });
        if (given != 1) fail_at(mark(), "{} needs exactly one of {}", title(), show_choice(choice));
    }
}

void Fields::check_needs() const {
    for (const Key& key : section_.keys) {
        const YamlNode* value = map_.find(key.name);
        const bool applies = key.belongs_to.empty() || is_given(map_, key.belongs_to);
        if (value != nullptr && !applies) {
            value->fail("'{}' belongs to {} with '{}'; {}", key.name, section_.noun, key.belongs_to,
                        key.advice);
        }
        if (value != nullptr || !applies || key.need == Key::Need::optional) continue;
        if (key.belongs_to.empty()) fail_at(mark(), "{} needs the key '{}'", title(), key.name);
        fail_at(mark(), "{0} needs the key '{1}' beside '{2}'; write for example {1}: {3}", title(),
                key.name, key.belongs_to, key.example);
    }
}

const YamlNode* Fields::find(std::string_view key) const {
    form(key);
    return map_.find(key);
}

const YamlNode& Fields::at(std::string_view key) const {
    if (const YamlNode* value = find(key)) return *value;
    fail_at(mark(), "{} needs the key '{}'", title(), key);
}

const Form& Fields::form(std::string_view key) const {
    if (const Key* found = find_key(section_, key)) return found->form;
    fail<LogicError>("the section '{}' has no key '{}'", section_.name, key);
}

bool Fields::truth(std::string_view key) const {
    const YamlNode* node = find(key);
    return node != nullptr && node->truth();
}

std::string Fields::text(std::string_view key) const {
    const YamlNode* node = find(key);
    return node == nullptr ? std::string() : node->text();
}

}  // namespace warpstep::workload
