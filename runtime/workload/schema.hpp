// SPDX-License-Identifier: Apache-2.0
// The file format as data: what the loader allows, what editors complete and what the reference
// page says are all read from here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warpstep::workload {

struct Section;

/// The form of a value.
struct Form {
    enum class Kind {
        text,        ///< any text: a path, a name
        word,        ///< one of `words`
        truth,       ///< true or false
        integer,     ///< a whole number without names, `least` or more
        number,      ///< a number without names and unit, 0 or more
        count,       ///< an expression for a whole number, `least` or more
        expression,  ///< any expression; `noun` says for what
        list,        ///< of parts[0], `fewest` to `most`
        named,       ///< a map from names to parts[0], `fewest` to `most`
        section,     ///< a map with the keys of section()
        any_of       ///< one of `parts`
    };
    Kind kind = Kind::text;
    std::string_view noun{};  ///< "a path", "bytes", "a duration"
    std::vector<std::string> words{};
    std::int64_t least = 0;
    std::size_t fewest = 0, most = unlimited;
    std::vector<Form> parts{};
    const Section& (*section)() = nullptr;

    static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);
};

Form text_form(std::string_view noun);
Form word_form(std::vector<std::string> words);
Form truth_form();
Form integer_form(std::int64_t least);
Form number_form();
Form count_form(std::int64_t least, std::string_view noun = "a whole number");
Form expression_form(std::string_view noun);
Form list_form(Form of, std::size_t fewest = 0, std::size_t most = Form::unlimited);
Form named_form(std::string_view noun, Form of, std::size_t fewest = 0,
                std::size_t most = Form::unlimited);
Form section_form(const Section& (*section)());
Form any_of(std::vector<Form> parts);

/// One key of a section.
struct Key {
    enum class Need { optional, required };
    std::string_view name;
    Form form;
    std::string_view summary;    ///< one line, no full stop
    std::string_view example;    ///< a value of it, in YAML's flow form
    std::string_view otherwise;  ///< what holds without it, as people read it; "": nothing
    Need need = Need::optional;
    std::string_view belongs_to{};  ///< another key, without which this one has no meaning (and
                                    ///< with which a required one is required)
    std::string_view advice{"remove it"};  ///< what to do where that key is missing
};

/// A map with fixed keys.
struct Section {
    std::string_view name;     ///< unique, for links: "buffer"
    std::string_view noun;     ///< "a buffer"
    std::string_view summary;  ///< sentences
    std::vector<Key> keys;
    std::vector<std::vector<std::string_view>> choices{};  ///< exactly one key of each is given
    std::string_view example{};                            ///< YAML from the first column on
};

/// nullptr when there is no such key.
const Key* find_key(const Section& section, std::string_view key);
/// The names of its keys, in their order.
std::vector<std::string> key_names(const Section& section);
/// "one of 'a', 'b' and 'c'" without the first two words.
std::string show_choice(const std::vector<std::string_view>& choice);

/// The file itself, and below it every other section once, in the order of first mention.
const Section& file_section();
std::vector<const Section*> all_sections();

const Section& ranks_section();
const Section& placement_section();
const Section& buffer_section();
const Section& init_section();
const Section& dataset_section();
const Section& generate_section();
const Section& linear_section();
const Section& batch_section();
const Section& shuffle_section();
const Section& shard_section();
const Section& kernel_section();
const Section& kernel_argument_section();
const Section& stream_section();
const Section& step_section();
const Section& group_section();
const Section& graph_section();
const Section& repeat_section();
const Section& verify_section();
const Section& expectation_section();
const Section& checkpoint_section();
const Section& every_section();
const Section& report_section();

}  // namespace warpstep::workload
