// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "runtime/workload/schema.hpp"
#include "runtime/workload/schema_text.hpp"

namespace warpstep::workload {
namespace {

using Json = nlohmann::ordered_json;
using FormKind = Form::Kind;

// YAML reads some words as numbers and truth values before a schema sees them.
void add_word(const std::string& word, Json& words) {
    if (word == "1") words.push_back(1);
    if (word == "false") words.push_back(false);
    words.push_back(word);
}

Json words_json(const Form& form) {
    Json words = Json::array();
    for (const std::string& word : form.words) add_word(word, words);
    return {{"enum", words}};
}

Json count_json(const Form& form) {
    Json json{{"type", {"integer", "string"}}};
    json["minimum"] = form.least;
    return json;
}

Json form_json(const Form& form);

Json entries_json(const Form& form) {
    const bool list = form.kind == FormKind::list;
    Json json{{"type", list ? "array" : "object"}};
    json[list ? "items" : "additionalProperties"] = form_json(form.parts.front());
    if (form.fewest > 0) json[list ? "minItems" : "minProperties"] = form.fewest;
    if (form.most != Form::unlimited) json[list ? "maxItems" : "maxProperties"] = form.most;
    return json;
}

Json form_json(const Form& form) {
    switch (form.kind) {
        case FormKind::word:
            return words_json(form);
        case FormKind::truth:
            return {{"type", "boolean"}};
        case FormKind::integer:
        case FormKind::count:
            return count_json(form);
        case FormKind::number:
            return {{"type", {"number", "string"}}, {"minimum", 0}};
        case FormKind::list:
        case FormKind::named:
            return entries_json(form);
        case FormKind::section:
            return {{"$ref", "#/definitions/" + std::string(form.section().name)}};
        case FormKind::any_of: {
            Json parts = Json::array();
            for (const Form& part : form.parts) parts.push_back(form_json(part));
            return {{"anyOf", parts}};
        }
        case FormKind::text:
        case FormKind::expression:
            break;
    }
    return {{"type", {"string", "number", "boolean"}}};
}

Json key_json(const Key& key) {
    Json json;
    std::string text(key.summary);
    if (!key.otherwise.empty()) text += "; default: " + std::string(key.otherwise);
    json["description"] = text;
    Json form = form_json(key.form);
    // Whatever stands beside a reference is ignored.
    if (form.contains("$ref")) {
        json["allOf"] = Json::array({form});
    } else {
        json.update(form);
    }
    return json;
}

void add_choices(const Section& section, Json& json) {
    Json all = Json::array();
    for (const auto& choice : section.choices) {
        Json one = Json::array();
        for (const std::string_view key : choice)
            one.push_back(Json{{"required", Json::array({std::string(key)})}});
        all.push_back(Json{{"oneOf", one}});
    }
    if (!all.empty()) json["allOf"] = all;
}

void add_needs(const Section& section, Json& json) {
    Json required = Json::array();
    Json dependencies = Json::object();
    const auto depends = [&](std::string_view key, std::string_view on) {
        dependencies[std::string(key)].push_back(std::string(on));
    };
    for (const Key& key : section.keys) {
        const bool always = key.need == Key::Need::required;
        if (key.belongs_to.empty()) {
            if (always) required.push_back(std::string(key.name));
            continue;
        }
        depends(key.name, key.belongs_to);
        if (always) depends(key.belongs_to, key.name);
    }
    if (!required.empty()) json["required"] = required;
    if (!dependencies.empty()) json["dependencies"] = dependencies;
}

Json section_json(const Section& section) {
    Json json{{"description", std::string(section.summary)}, {"type", "object"}};
    Json properties = Json::object();
    for (const Key& key : section.keys) properties[std::string(key.name)] = key_json(key);
    json["properties"] = properties;
    json["additionalProperties"] = false;
    add_needs(section, json);
    add_choices(section, json);
    return json;
}

}  // namespace

std::string json_schema() {
    Json json{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "warpstep workload"},
              {"$comment", "made by: warpstep schema"}};
    json.update(section_json(file_section()));
    Json definitions = Json::object();
    for (const Section* section : all_sections()) {
        if (section != &file_section())
            definitions[std::string(section->name)] = section_json(*section);
    }
    json["definitions"] = definitions;
    return json.dump(1) + "\n";
}

}  // namespace warpstep::workload
