// SPDX-License-Identifier: Apache-2.0
// A map of the file, checked against its section of the schema.
#pragma once

#include <string>
#include <string_view>

#include "runtime/workload/schema.hpp"
#include "runtime/workload/words.hpp"
#include "runtime/workload/yaml_node.hpp"

namespace warpstep::workload {

class Fields {
  public:
    /// Errors: ConfigError for unknown keys, missing keys, keys that exclude each other, and values
    /// of another form than the section says. `section` must outlive this.
    Fields(const YamlNode& node, const Section& section);
    /// The same, called `title` in messages.
    Fields(const YamlNode& node, const Section& section, std::string title);

    /// nullptr when the file does not give it. Errors: LogicError for a key that the section lacks.
    const YamlNode* find(std::string_view key) const;
    /// The same for a key that is given: a required one, or one of a choice.
    const YamlNode& at(std::string_view key) const;
    const Form& form(std::string_view key) const;

    bool truth(std::string_view key) const;
    std::string text(std::string_view key) const;  ///< "" when it is not given
    /// What the word of that key stands for; `otherwise` when it is not given.
    template <typename T, std::size_t N>
    T word(std::string_view key, const std::array<Word<T>, N>& table, T otherwise) const {
        const YamlNode* node = find(key);
        return node == nullptr ? otherwise : meaning(table, node->text());
    }

    const Mark& mark() const { return map_.mark(); }
    const std::string& title() const { return title_; }

  private:
    void check_keys() const;
    void check_choices() const;
    void check_needs() const;

    const Section& section_;
    std::string title_;
    YamlMap map_;
};

/// Errors: ConfigError when the value has another form: a list instead of a map, another word, too
/// few entries. What a map or list holds is not looked at. `example` is shown where it is empty.
void check_form(const YamlNode& node, const Form& form, std::string_view example = "");
/// Whether it is one of the form's words.
bool is_word(const YamlNode& node, const Form& form);

}  // namespace warpstep::workload
