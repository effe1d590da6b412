// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/schema.hpp"

#include <algorithm>
#include <utility>

namespace warpstep::workload {
namespace {

using FormKind = Form::Kind;

Form of_kind(FormKind kind, std::string_view noun = {}) {
    Form form;
    form.kind = kind;
    form.noun = noun;
    return form;
}

void add_sections_of(const Form& form, std::vector<const Section*>& sections);

void add_section(const Section& section, std::vector<const Section*>& sections) {
    if (std::find(sections.begin(), sections.end(), &section) != sections.end()) return;
    sections.push_back(&section);
    for (const Key& key : section.keys) add_sections_of(key.form, sections);
}

void add_sections_of(const Form& form, std::vector<const Section*>& sections) {
    if (form.kind == FormKind::section) add_section(form.section(), sections);
    for (const Form& part : form.parts) add_sections_of(part, sections);
}

}  // namespace

Form text_form(std::string_view noun) {
    return of_kind(FormKind::text, noun);
}

Form word_form(std::vector<std::string> words) {
    Form form = of_kind(FormKind::word);
    form.words = std::move(words);
    return form;
}

Form truth_form() {
    return of_kind(FormKind::truth);
}

Form integer_form(std::int64_t least) {
    Form form = of_kind(FormKind::integer);
    form.least = least;
    return form;
}

Form number_form() {
    return of_kind(FormKind::number);
}

Form count_form(std::int64_t least, std::string_view noun) {
    Form form = of_kind(FormKind::count, noun);
    form.least = least;
    return form;
}

Form expression_form(std::string_view noun) {
    return of_kind(FormKind::expression, noun);
}

Form list_form(Form of, std::size_t fewest, std::size_t most) {
    Form form = of_kind(FormKind::list);
    form.parts.push_back(std::move(of));
    form.fewest = fewest;
    form.most = most;
    return form;
}

Form named_form(std::string_view noun, Form of, std::size_t fewest, std::size_t most) {
    Form form = list_form(std::move(of), fewest, most);
    form.kind = FormKind::named;
    form.noun = noun;
    return form;
}

Form section_form(const Section& (*section)()) {
    Form form = of_kind(FormKind::section);
    form.section = section;
    return form;
}

Form any_of(std::vector<Form> parts) {
    Form form = of_kind(FormKind::any_of);
    form.parts = std::move(parts);
    return form;
}

const Key* find_key(const Section& section, std::string_view key) {
    for (const Key& candidate : section.keys) {
        if (candidate.name == key) return &candidate;
    }
    return nullptr;
}

std::vector<std::string> key_names(const Section& section) {
    std::vector<std::string> names;
    for (const Key& key : section.keys) names.emplace_back(key.name);
    return names;
}

std::string show_choice(const std::vector<std::string_view>& choice) {
    std::string text;
    for (std::size_t i = 0; i < choice.size(); ++i) {
        if (i > 0) text += i + 1 == choice.size() ? " and " : ", ";
        text.append("'").append(choice[i]).append("'");
    }
    return text;
}

std::vector<const Section*> all_sections() {
    std::vector<const Section*> sections;
    add_section(file_section(), sections);
    return sections;
}

}  // namespace warpstep::workload
