// SPDX-License-Identifier: Apache-2.0
// Sections of the reference page; expressions are in expression_markdown.cpp.
#include <fmt/format.h>

#include "runtime/base/text.hpp"
#include "runtime/workload/expression_markdown.hpp"
#include "runtime/workload/schema.hpp"
#include "runtime/workload/schema_text.hpp"

namespace warpstep::workload {
namespace {

using FormKind = Form::Kind;

std::string code(std::string_view text) {
    return fmt::format("`{}`", text);
}

std::string joined_words(const Form& form) {
    std::vector<std::string> words;
    for (const std::string& word : form.words) words.push_back(code(word));
    return join(words, ", ");
}

std::string show_form(const Form& form);

std::string show_entries(const Form& form) {
    const std::string part = show_form(form.parts.front());
    if (form.kind == FormKind::named) return fmt::format("a map: {} → {}", form.noun, part);
    const bool bounded = form.most != Form::unlimited;
    return fmt::format("a list{} of: {}",
                       bounded ? fmt::format(" ({} to {})", form.fewest, form.most) : "", part);
}

std::string show_form(const Form& form) {
    switch (form.kind) {
        case FormKind::word:
            return joined_words(form);
        case FormKind::truth:
            return "`true` or `false`";
        case FormKind::integer:
            return fmt::format("a whole number, {} or more", form.least);
        case FormKind::number:
            return "a number, 0 or more";
        case FormKind::count:
            return fmt::format("{}, {} or more", form.noun, form.least);
        case FormKind::list:
        case FormKind::named:
            return show_entries(form);
        case FormKind::section:
            return fmt::format("[{0}](#{1})", form.section().noun, form.section().name);
        case FormKind::any_of: {
            std::vector<std::string> parts;
            for (const Form& part : form.parts) parts.push_back(show_form(part));
            return join(parts, "; or ");
        }
        case FormKind::text:
        case FormKind::expression:
            break;
    }
    return std::string(form.noun);
}

std::string show_default(const Key& key) {
    if (key.need == Key::Need::optional)
        return key.otherwise.empty() ? "" : std::string(key.otherwise);
    return key.belongs_to.empty() ? "**required**"
                                  : fmt::format("**required** beside `{}`", key.belongs_to);
}

std::string show_meaning(const Key& key) {
    std::string text(key.summary);
    if (!key.belongs_to.empty()) text += fmt::format("; only with `{}`", key.belongs_to);
    return text;
}

std::string show_section(const Section& section) {
    std::string text = fmt::format("## {}\n\n{}\n\n", section.name, section.summary);
    for (const auto& choice : section.choices) {
        std::vector<std::string> keys;
        for (const std::string_view key : choice) keys.push_back(code(key));
        text += fmt::format("Exactly one of {}.\n\n", join(keys, ", "));
    }
    text += "| Key | Value | Default | Meaning |\n|---|---|---|---|\n";
    for (const Key& key : section.keys) {
        text += fmt::format("| `{}` | {} | {} | {} |\n", key.name, show_form(key.form),
                            show_default(key), show_meaning(key));
    }
    if (!section.example.empty()) text += fmt::format("\n```yaml\n{}```\n", section.example);
    return text + "\n";
}

}  // namespace

std::string reference_markdown() {
    std::string text =
        "<!-- made by: warpstep schema --markdown -->\n"
        "# Workload files, key by key\n\n"
        "Values are texts that each key reads in its own way, never as YAML would: `010`, `no` and "
        "`1e-6` mean what they say. An unknown or repeated key is an error. Where a value is a "
        "number, an [expression](#expressions) may stand. A comma inside `{ }` or `[ ]` ends a "
        "value, so an expression with commas needs quotes there.\n\n"
        "Editors complete and check a file that begins with "
        "`# yaml-language-server: $schema=workload.schema.json` (`warpstep schema` prints that "
        "file).\n\n";
    for (const Section* section : all_sections()) text += show_section(*section);
    return text + expression_markdown();
}

}  // namespace warpstep::workload
