// SPDX-License-Identifier: Apache-2.0
// YAML with places: every scalar stays text, every access names what it wanted and where.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/workload/place.hpp"

namespace warpstep::workload {

/// One value as the file writes it.
struct YamlValue {
    enum class Kind { empty, text, list, map };
    Kind kind = Kind::empty;
    bool plain = false;  ///< a text without quotes
    std::string text, tag;
    int line = 0, column = 0;             ///< 0-based
    int offset = -1;                      ///< of its first character; -1: nowhere
    std::vector<const YamlValue*> items;  ///< of a list; of a map: key, value, key, value, …
};

/// The file, for places, and the values it holds. Must outlive the nodes.
struct Source {
    std::string path;
    std::string text;
    std::deque<YamlValue> values{};
};

class YamlMap;

/// One value of the file and the title it has in messages: "'count'" or "an entry of 'steps'".
class YamlNode {
  public:
    /// `place` is used where there is no value to point at.
    YamlNode(const YamlValue& value, const Source& source, std::string title, const Mark& place);

    const Mark& mark() const { return mark_; }
    const std::string& title() const { return title_; }
    bool is_map() const { return value_->kind == YamlValue::Kind::map; }
    bool is_list() const { return value_->kind == YamlValue::Kind::list; }
    bool is_text() const { return value_->kind == YamlValue::Kind::text; }
    bool is_missing() const { return value_->kind == YamlValue::Kind::empty; }
    /// Entries of a list or map; 0 for anything else.
    std::size_t size() const { return value_->items.size() / (is_map() ? 2 : 1); }
    /// The text under this key; nullptr when this is no map or has no text there.
    const std::string* text_at(std::string_view key) const;

    /// Each of these throws ConfigError with the place when the value has another form.
    YamlMap map() const;
    std::vector<YamlNode> list() const;
    const std::string& text() const;
    /// Where the first line of text() stands in the file, and how far its lines are indented there.
    /// Errors: ConfigError for a folded text (`>`), which has other lines than the file.
    struct Block {
        int line = 1, indent = 0;
    };
    Block block() const;
    Expression expression() const;
    bool truth() const;
    /// One of `words`, with "did you mean".
    std::string one_of(const std::vector<std::string>& words) const;

    /// Throws ConfigError "'title' must be `wanted`, not a list".
    [[noreturn]] void refuse_kind(std::string_view wanted) const;

    template <typename... Args>
    [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
        fail_at(mark_, "{}", fmt::format(format, std::forward<Args>(args)...));
    }

  private:
    const YamlValue* value_;
    const Source* source_;
    std::string title_;
    Mark mark_;
};

/// A map without duplicate keys, in the order of the file.
class YamlMap {
  public:
    struct Entry {
        std::string key;
        Mark mark;
        YamlNode value;
    };

    /// Errors: ConfigError for a duplicate key, and for more keys than any real file has.
    YamlMap(std::string title, const Mark& mark, std::vector<Entry> entries);

    /// nullptr when there is no such key.
    const YamlNode* find(std::string_view key) const;
    const std::vector<Entry>& entries() const { return entries_; }
    const Mark& mark() const { return mark_; }
    const std::string& title() const { return title_; }

  private:
    std::string title_;
    Mark mark_;
    std::vector<Entry> entries_;
};

/// The only document of the text; its values go into `source`. Errors: ConfigError for an empty
/// text, syntax errors, undefined aliases, several documents.
/// `advice`: what to type into an empty one.
YamlNode parse_yaml(Source& source, std::string_view advice = "start with 'version: 1'");

}  // namespace warpstep::workload
