// SPDX-License-Identifier: Apache-2.0
// Every key of the description: its example loads, another form is refused at its place.
#include "runtime/workload/schema.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"
#include "runtime/workload/schema_text.hpp"
#include "tests/support/source_dir.hpp"
#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

using Kind = Form::Kind;

const ExampleFolder folder;

constexpr const char* head =
    "version: 1\nstreams: { copy: {} }\nbuffers: { x: { count: 8 }, y: { count: 8 } }\n";
constexpr const char* meet = "steps: [ { name: meet, run: barrier } ]\n";

// A file around the keys of a section, which stand at the '%'.
const std::map<std::string, std::string>& hosts() {
    const std::string data = std::string(head) + meet + "datasets: { d: ";
    const std::string step =
        std::string(head) + "steps: [ { name: load, run: barrier }, { name: t, ";
    static const std::map<std::string, std::string> texts{
        {"ranks", std::string(head) + meet + "ranks: %\n"},
        {"placement", std::string(head) + meet + "placement: %\n"},
        {"buffer", std::string("version: 1\n") + meet + "buffers: { z: % }\n"},
        {"init", std::string("version: 1\n") + meet + "buffers: { z: { count: 8, init: % } }\n"},
        {"dataset", data + "% }\n"},
        {"generate", data + "{ batch: { global: 8 }, generate: % } }\n"},
        {"linear", data + "{ batch: { global: 8 }, generate: { linear: % } } }\n"},
        {"batch", data + "{ file: train.csv, target: y, batch: % } }\n"},
        {"shuffle", data + "{ file: train.csv, target: y, batch: { global: 8 }, shuffle: % } }\n"},
        {"shard", data + "{ file: train.csv, target: y, batch: { per_rank: 8 }, shard: % } }\n"},
        {"kernel", std::string(head) + meet + "kernels: { mine: % }\n"},
        {"argument",
         std::string(head) + meet + "kernels: { mine: { source: c, threads: 1, args: [ % ] } }\n"},
        {"stream", std::string("version: 1\n") + meet + "streams: { copy: % }\n"},
        {"step", std::string(head) + "steps: [ { name: load, run: barrier }, % ]\n"},
        {"group", step + "run: all_reduce, group: % } ]\n"},
        {"graph", step + "steps: [ { name: u, run: barrier } ], graph: % } ]\n"},
        {"repeat", step + "run: barrier, repeat: % } ]\n"},
        {"verify", step + "run: barrier, verify: { x: % } } ]\n"},
        {"expectation", step + "run: barrier, expect: [ % ] } ]\n"},
        {"checkpoint", std::string(head) + meet + "checkpoint: %\n"},
        {"every", std::string(head) + meet + "checkpoint: { save: [x], every: % }\n"},
        {"report", std::string(head) + meet + "report: %\n"}};
    return texts;
}

using Values = std::vector<std::pair<std::string, std::string>>;

bool has(const Values& values, std::string_view key) {
    return std::any_of(values.begin(), values.end(),
                       [&](const auto& entry) { return entry.first == key; });
}

// The keys without which this one cannot stand, with their examples.
void add_companions(const Section& section, std::string_view key, Values& values) {
    const auto add = [&](std::string_view name) {
        if (has(values, name)) return;
        values.emplace_back(name, find_key(section, name)->example);
        add_companions(section, name, values);
    };
    if (const std::string_view other = find_key(section, key)->belongs_to; !other.empty())
        add(other);
    for (const Key& other : section.keys) {
        const bool applies = other.belongs_to.empty() || has(values, other.belongs_to);
        if (other.need == Key::Need::required && applies) add(other.name);
    }
}

void add_choices(const Section& section, Values& values) {
    for (const auto& choice : section.choices) {
        const bool made = std::any_of(choice.begin(), choice.end(),
                                      [&](std::string_view key) { return has(values, key); });
        if (made) continue;
        values.emplace_back(choice.front(), find_key(section, choice.front())->example);
        add_companions(section, choice.front(), values);
    }
}

// A file with this value of a key, and whatever else its section needs.
std::string file_with(const Section& section, const Key& key, const std::string& value) {
    Values values{{std::string(key.name), value}};
    add_companions(section, key.name, values);
    add_choices(section, values);
    std::string text;
    if (&section == &file_section()) {
        if (!has(values, "buffers")) text = "buffers: { x: { count: 8 } }\n";
        for (const auto& [name, given] : values) text += name + ": " + given + "\n";
        return text;
    }
    std::vector<std::string> pieces;
    for (const auto& [name, given] : values) pieces.push_back(name + ": " + given);
    text = hosts().at(std::string(section.name));
    return text.replace(text.find('%'), 1, "{ " + warpstep::join(pieces, ", ") + " }");
}

std::string message_for(const std::string& text) {
    return message_of(
        [&] { parse_workload(text, folder.file("w.yaml"), {}, example_operations()); });
}

bool accepts(const Form& form, Kind shape) {
    if (form.kind == Kind::any_of) {
        return std::any_of(form.parts.begin(), form.parts.end(),
                           [&](const Form& part) { return accepts(part, shape); });
    }
    if (form.kind == Kind::list) return shape == Kind::list;
    const bool map = form.kind == Kind::named || form.kind == Kind::section;
    return map ? shape == Kind::named : shape == Kind::text;
}

struct Refusal {
    std::string value, message;
};

// Values that the form does not have, and a part of what is said to them.
std::vector<Refusal> wrong_values(const Key& key) {
    const std::string title = "'" + std::string(key.name) + "'";
    const std::string another_form = title + " must be ";
    std::vector<Refusal> wrong{{"", title + " needs a value ("}};
    if (!accepts(key.form, Kind::list)) wrong.push_back({"[ 1 ]", another_form});
    if (!accepts(key.form, Kind::named)) wrong.push_back({"{ a: b }", another_form});
    if (!accepts(key.form, Kind::text)) wrong.push_back({"5", another_form});
    switch (key.form.kind) {
        case Kind::word:
            wrong.push_back({"nonsense", " 'nonsense'"});
            break;
        case Kind::truth:
            wrong.push_back({"yes", title + " must be true or false, not 'yes'"});
            break;
        case Kind::count:
            wrong.push_back({std::to_string(key.form.least - 1),
                             title + " is " + std::to_string(key.form.least - 1)});
            wrong.push_back({"1.5", "expected a whole number"});
            break;
        case Kind::number:
            wrong.push_back({"-1", title + " must be a number without a unit, 0 or more"});
            break;
        case Kind::expression:
            wrong.push_back({"1 +", "the expression ends where a value should follow"});
            break;
        case Kind::list:
        case Kind::named:
            if (key.form.fewest > 0)
                wrong.push_back({key.form.kind == Kind::list ? "[]" : "{}", title + " is empty"});
            break;
        default:
            break;
    }
    return wrong;
}

}  // namespace

TEST_CASE("workload: the example of every key loads") {
    int keys = 0;
    for (const Section* section : all_sections()) {
        for (const Key& key : section->keys) {
            INFO(section->name << "." << key.name);
            const std::string text = file_with(*section, key, std::string(key.example));
            INFO(text);
            CHECK_FALSE(key.example.empty());
            CHECK(message_for(text) == "no error");
            ++keys;
        }
    }
    CHECK(keys > 100);
}

TEST_CASE("workload: every key refuses values of another form, and says where") {
    for (const Section* section : all_sections()) {
        for (const Key& key : section->keys) {
            for (const Refusal& wrong : wrong_values(key)) {
                const std::string text = file_with(*section, key, wrong.value);
                const std::string message = message_for(text);
                INFO(section->name << "." << key.name << " of:\n" << text << message);
                CHECK(message.find(wrong.message) != std::string::npos);
                CHECK(message.starts_with(folder.file("w.yaml:")));
            }
        }
    }
}

TEST_CASE("workload: every section refuses unknown keys, and knows what was meant") {
    for (const Section* section : all_sections()) {
        Key key = section->keys.front();
        const std::string text = file_with(*section, key, std::string(key.example));
        const std::string typo = std::string(key.name) + "x";
        std::string damaged = text;
        const std::size_t at =
            damaged.find(std::string(key.name) + ": " + std::string(key.example));
        REQUIRE(at != std::string::npos);
        damaged.insert(at + key.name.size(), "x");
        const std::string message = message_for(damaged);
        INFO(damaged << message);
        CHECK(message.find("unknown key '" + typo + "' in ") != std::string::npos);
        CHECK(message.find("; did you mean '" + std::string(key.name) + "'?") != std::string::npos);
    }
}

TEST_CASE("workload: of keys that exclude each other exactly one is given") {
    for (const Section* section : all_sections()) {
        for (const auto& choice : section->choices) {
            const Key& key = *find_key(*section, choice.front());
            const Key& other = *find_key(*section, choice.back());
            std::string text = file_with(*section, key, std::string(key.example));
            const std::string given = std::string(key.name) + ": " + std::string(key.example);
            const std::size_t at = text.find(given);
            REQUIRE(at != std::string::npos);
            text.insert(at, std::string(other.name) + ": " + std::string(other.example) + ", ");
            INFO(text << message_for(text));
            CHECK(message_for(text).find(" needs exactly one of " + show_choice(choice)) !=
                  std::string::npos);
        }
    }
}

TEST_CASE("workload: a key that belongs to another one is refused alone") {
    int checked = 0;
    for (const Section* section : all_sections()) {
        for (const Key& key : section->keys) {
            if (key.belongs_to.empty()) continue;
            // The other key of the same choice takes the place of the one it belongs to.
            const auto choice = std::find_if(
                section->choices.begin(), section->choices.end(), [&](const auto& keys) {
                    return std::find(keys.begin(), keys.end(), key.belongs_to) != keys.end();
                });
            REQUIRE(choice != section->choices.end());
            const std::string_view rival =
                choice->front() == key.belongs_to ? choice->back() : choice->front();
            const Key& other = *find_key(*section, rival);
            std::string text = file_with(*section, other, std::string(other.example));
            const std::size_t at =
                text.find(std::string(other.name) + ": " + std::string(other.example));
            REQUIRE(at != std::string::npos);
            text.insert(at, std::string(key.name) + ": " + std::string(key.example) + ", ");
            INFO(text << message_for(text));
            CHECK(message_for(text).find("'" + std::string(key.name) + "' belongs to " +
                                         std::string(section->noun) + " with '" +
                                         std::string(key.belongs_to) + "'; ") != std::string::npos);
            ++checked;
        }
    }
    CHECK(checked >= 12);
}

TEST_CASE("workload: the JSON Schema in the tree is that of the description") {
    INFO("to write it again: warpstep schema > configs/workload.schema.json");
    CHECK(warpstep::read_file(warpstep::test::source_dir() + "/configs/workload.schema.json") ==
          json_schema());
}

TEST_CASE("workload: the reference page in the tree is that of the description") {
    INFO("to write it again: warpstep schema --markdown > docs/workload-reference.md");
    CHECK(warpstep::read_file(warpstep::test::source_dir() + "/docs/workload-reference.md") ==
          reference_markdown());
}
