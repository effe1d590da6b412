// SPDX-License-Identifier: Apache-2.0
// YAML with places: every scalar stays text, every access names what it wanted and where.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/workload/place.hpp"

namespace warpstep::workload {

/// The file, for places. Must outlive the nodes.
struct Source {
    std::string path;
    std::string text;
};

class YamlMap;

/// One value of the file and the title it has in messages: "'count'" or "an entry of 'steps'".
class YamlNode {
  public:
    /// `place` is used where there is no value to point at.
    YamlNode(const YAML::Node& node, const Source& source, std::string title, const Mark& place);

    const Mark& mark() const { return mark_; }
    const std::string& title() const { return title_; }
    bool is_map() const { return node_.IsMap(); }
    bool is_list() const { return node_.IsSequence(); }
    bool is_text() const { return node_.IsScalar(); }
    bool is_missing() const { return node_.IsNull(); }

    /// Each of these throws ConfigError with the place when the value has another form.
    YamlMap map() const;
    std::vector<YamlNode> list() const;
    std::string text() const;
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

    template <typename... Args>
    [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
        fail_at(mark_, "{}", fmt::format(format, std::forward<Args>(args)...));
    }

  private:
    void refuse_kind(std::string_view wanted) const;

    YAML::Node node_;
    const Source* source_;
    std::string title_;
    Mark mark_;
};

/// A key of the language that this version knows but does not execute, and why.
struct LaterKey {
    std::string_view key;
    std::string_view why;
};

/// A map without duplicate keys, in the order of the file.
class YamlMap {
  public:
    struct Entry {
        std::string key;
        Mark mark;
        YamlNode value;
    };

    YamlMap(std::string title, const Mark& mark) : title_(std::move(title)), mark_(mark) {}
    void add(Entry entry);

    /// Refuses every key that is not `known`. Errors: ConfigError "unknown key …; did you mean …"
    /// or "… is not supported …".
    const YamlMap& allow(const std::vector<std::string>& known,
                         const std::vector<LaterKey>& later = {}) const;
    /// nullptr when there is no such key.
    const YamlNode* find(std::string_view key) const;
    /// Errors: ConfigError "… needs the key …".
    const YamlNode& require(std::string_view key) const;
    const std::vector<Entry>& entries() const { return entries_; }
    const Mark& mark() const { return mark_; }
    const std::string& title() const { return title_; }

  private:
    std::string title_;
    Mark mark_;
    std::vector<Entry> entries_;
};

/// "'graph' is not supported by this version (why); remove it".
[[noreturn]] void refuse_later(const Mark& mark, const LaterKey& key);

/// The only document of the text. Errors: ConfigError for an empty text, syntax errors, undefined
/// aliases, several documents.
YamlNode parse_yaml(const Source& source);

}  // namespace warpstep::workload
