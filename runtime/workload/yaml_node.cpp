// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/yaml_node.hpp"

#include <algorithm>

#include "runtime/base/text.hpp"

namespace warpstep::workload {
namespace {

// Far above any real file; keeps hostile ones from making the checks slow.
constexpr std::size_t most_keys = 1000;

// Where the text of a scalar starts. A plain or quoted scalar of one line stands in the file as it
// is; a folded or escaped one does not, so offsets into it mean nothing.
Mark scalar_mark(const YAML::Node& node, const Source& source) {
    const YAML::Mark at = node.Mark();
    Mark mark{source.path, at.line + 1, at.column + 1};
    if (!node.IsScalar() || at.pos < 0) return mark;
    const auto position = static_cast<std::size_t>(at.pos);
    const std::string& text = node.Scalar();
    const auto stands_at = [&](std::size_t where) {
        return where <= source.text.size() && source.text.compare(where, text.size(), text) == 0;
    };
    if (stands_at(position)) return mark;
    if (stands_at(position + 1)) {
        ++mark.column;
    } else {
        mark.exact = false;
    }
    return mark;
}

std::string_view kind_of(const YAML::Node& node) {
    if (node.IsMap()) return "a map";
    if (node.IsSequence()) return "a list";
    return node.IsScalar() ? "a single value" : "empty";
}

// { n: min(a, b) } reads as n = "min(a" and a key "b)".
void refuse_cut_expression(const YamlMap::Entry& entry, const YAML::Node& value,
                           bool next_is_bare) {
    if (!next_is_bare || !value.IsScalar() || value.Tag() != "?") return;
    const std::string& text = value.Scalar();
    if (std::count(text.begin(), text.end(), '(') <= std::count(text.begin(), text.end(), ')'))
        return;
    entry.value.fail(
        "'{0}' ends inside parentheses (a comma ends a value inside {{ }} and [ ]); put quotes "
        "around the expression: '{0}, …'",
        text);
}

}  // namespace

YamlNode::YamlNode(const YAML::Node& node, const Source& source, std::string title,
                   const Mark& place)
    : node_(node), source_(&source), title_(std::move(title)), mark_(place) {
    if (!node_.IsNull()) mark_ = scalar_mark(node_, source);
    const std::string& tag = node_.Tag();
    if (!tag.empty() && tag != "?" && tag != "!") {
        fail("the tag '{}' has no meaning here (values are typed by their key); remove it", tag);
    }
}

void YamlNode::refuse_kind(std::string_view wanted) const {
    if (is_missing()) fail("{} needs a value ({}); write it or remove the key", title_, wanted);
    fail("{} must be {}, not {}", title_, wanted, kind_of(node_));
}

YamlMap YamlNode::map() const {
    if (!is_map()) refuse_kind("a map");
    YamlMap result(title_, mark_);
    for (auto it = node_.begin(); it != node_.end(); ++it) {
        const YAML::Node key = it->first;
        const Mark place = scalar_mark(key, *source_);
        if (!key.IsScalar())
            fail_at(place, "a key of {} must be a word, not {}", title_, kind_of(key));
        const YamlMap::Entry entry{key.Scalar(), place,
                                   YamlNode(it->second, *source_, "'" + key.Scalar() + "'", place)};
        const auto next = std::next(it);
        refuse_cut_expression(entry, it->second, next != node_.end() && next->second.IsNull());
        result.add(entry);
    }
    return result;
}

std::vector<YamlNode> YamlNode::list() const {
    if (!is_list()) refuse_kind("a list");
    std::vector<YamlNode> result;
    for (const auto& element : node_) {
        result.emplace_back(element, *source_, "an entry of " + title_, mark_);
    }
    return result;
}

std::string YamlNode::text() const {
    if (!is_text()) refuse_kind("a single value");
    return node_.Scalar();
}

// The mark of a block is at its '|'; the lines begin below it, all indented alike.
YamlNode::Block YamlNode::block() const {
    const std::string value = text();
    const YAML::Mark at = node_.Mark();
    const std::string& file = source_->text;
    if (mark_.exact) return {mark_.line, mark_.column - 1};
    const auto start = static_cast<std::size_t>(std::max(0, at.pos));
    const std::size_t style = start < file.size() ? file.find_first_of("|>\n", start) : start;
    const std::size_t end = start < file.size() ? file.find('\n', start) : start;
    if (style >= end || end == std::string::npos) return {mark_.line, 0};
    if (file[style] == '>') {
        fail("{} is folded ('>' joins its lines); write '|' so that its lines stay lines", title_);
    }
    // Blank lines may have fewer spaces, so the first line with a word tells.
    const std::size_t word = value.find_first_not_of(" \n");
    if (word == std::string::npos) return {mark_.line + 1, 0};
    const std::size_t begin = value.rfind('\n', word) + 1;
    const auto blank_lines =
        std::count(value.begin(), value.begin() + static_cast<long>(word), '\n');
    std::size_t line = end + 1;
    for (long i = 0; i < blank_lines && line < file.size(); ++i) line = file.find('\n', line) + 1;
    const std::size_t shown = file.find_first_not_of(' ', line);
    if (shown == std::string::npos) return {mark_.line + 1, 0};
    return {mark_.line + 1, static_cast<int>(shown - line) - static_cast<int>(word - begin)};
}

Expression YamlNode::expression() const {
    return Expression::parse(text(), mark_);
}

bool YamlNode::truth() const {
    const std::string word = text();
    if (word != "true" && word != "false") fail("{} must be true or false, not '{}'", title_, word);
    return word == "true";
}

std::string YamlNode::one_of(const std::vector<std::string>& words) const {
    std::string word = text();
    if (std::find(words.begin(), words.end(), word) != words.end()) return word;
    fail("{} cannot be '{}'{}", title_, word, suggestion(word, words));
}

void YamlMap::add(Entry entry) {
    if (entries_.size() == most_keys)
        fail_at(entry.mark, "{} has more than {} keys", title_, most_keys);
    for (const Entry& earlier : entries_) {
        if (earlier.key == entry.key) {
            fail_at(entry.mark, "duplicate key '{}' (first in line {}); remove one of them",
                    entry.key, earlier.mark.line);
        }
    }
    entries_.push_back(std::move(entry));
}

const YamlMap& YamlMap::allow(const std::vector<std::string>& known,
                              const std::vector<LaterKey>& later) const {
    for (const Entry& entry : entries_) {
        if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
        for (const LaterKey& key : later) {
            if (key.key == entry.key) refuse_later(entry.mark, key);
        }
        fail_at(entry.mark, "unknown key '{}' in {}{}", entry.key, title_,
                suggestion(entry.key, known));
    }
    return *this;
}

const YamlNode* YamlMap::find(std::string_view key) const {
    for (const Entry& entry : entries_) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

const YamlNode& YamlMap::require(std::string_view key) const {
    if (const YamlNode* value = find(key)) return *value;
    fail_at(mark_, "{} needs the key '{}'", title_, key);
}

void refuse_later(const Mark& mark, const LaterKey& key) {
    fail_at(mark, "'{}' is not supported by this version ({}); remove it", key.key, key.why);
}

}  // namespace warpstep::workload
