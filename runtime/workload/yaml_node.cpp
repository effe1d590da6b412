// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/yaml_node.hpp"

#include <algorithm>
#include <unordered_map>

#include "runtime/base/text.hpp"

namespace warpstep::workload {
namespace {

// Far above any real file; keeps hostile ones from making the checks slow.
constexpr std::size_t most_keys = 1000;

// Where the text of a scalar starts. A plain or quoted scalar of one line stands in the file as it
// is; a folded or escaped one does not, so offsets into it mean nothing.
Mark scalar_mark(const YamlValue& value, const Source& source) {
    Mark mark{source.path, value.line + 1, value.column + 1};
    if (value.kind != YamlValue::Kind::text || value.offset < 0) return mark;
    const auto position = static_cast<std::size_t>(value.offset);
    const auto stands_at = [&](std::size_t where) {
        return where <= source.text.size() &&
               source.text.compare(where, value.text.size(), value.text) == 0;
    };
    if (stands_at(position)) return mark;
    if (stands_at(position + 1)) {
        ++mark.column;
    } else {
        mark.exact = false;
    }
    return mark;
}

std::string_view kind_of(const YamlValue& value) {
    switch (value.kind) {
        case YamlValue::Kind::map:
            return "a map";
        case YamlValue::Kind::list:
            return "a list";
        case YamlValue::Kind::text:
            return "a single value";
        case YamlValue::Kind::empty:
            break;
    }
    return "empty";
}

// { n: min(a, b) } reads as n = "min(a" and a key "b)".
void refuse_cut_expression(const YamlMap::Entry& entry, const YamlValue& value, bool next_is_bare) {
    if (!next_is_bare || value.kind != YamlValue::Kind::text || !value.plain) return;
    const std::string& text = value.text;
    if (std::count(text.begin(), text.end(), '(') <= std::count(text.begin(), text.end(), ')'))
        return;
    entry.value.fail(
        "'{0}' ends inside parentheses (a comma ends a value inside {{ }} and [ ]); put quotes "
        "around the expression: '{0}, …'",
        text);
}

}  // namespace

YamlNode::YamlNode(const YamlValue& value, const Source& source, std::string title,
                   const Mark& place)
    : value_(&value), source_(&source), title_(std::move(title)), mark_(place) {
    if (!is_missing()) mark_ = scalar_mark(value, source);
    if (!value.tag.empty()) {
        fail("the tag '{}' has no meaning here (values are typed by their key); remove it",
             value.tag);
    }
}

void YamlNode::refuse_kind(std::string_view wanted) const {
    if (is_missing()) fail("{} needs a value ({}); write it or remove the key", title_, wanted);
    fail("{} must be {}, not {}", title_, wanted, kind_of(*value_));
}

const std::string* YamlNode::text_at(std::string_view key) const {
    const auto& items = value_->items;
    for (std::size_t i = 0; is_map() && i + 1 < items.size(); i += 2) {
        const bool found = items[i]->kind == YamlValue::Kind::text && items[i]->text == key;
        if (found && items[i + 1]->kind == YamlValue::Kind::text) return &items[i + 1]->text;
    }
    return nullptr;
}

YamlMap YamlNode::map() const {
    if (!is_map()) refuse_kind("a map");
    const auto& items = value_->items;
    std::vector<YamlMap::Entry> entries;
    entries.reserve(items.size() / 2);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const YamlValue& key = *items[i];
        const YamlValue& value = *items[i + 1];
        const Mark place = scalar_mark(key, *source_);
        if (key.kind != YamlValue::Kind::text)
            fail_at(place, "a key of {} must be a word, not {}", title_, kind_of(key));
        entries.push_back(
            {key.text, place, YamlNode(value, *source_, "'" + key.text + "'", place)});
        const bool next_is_bare =
            i + 3 < items.size() && items[i + 3]->kind == YamlValue::Kind::empty;
        refuse_cut_expression(entries.back(), value, next_is_bare);
    }
    return {title_, mark_, std::move(entries)};
}

std::vector<YamlNode> YamlNode::list() const {
    if (!is_list()) refuse_kind("a list");
    std::vector<YamlNode> result;
    result.reserve(value_->items.size());
    for (const YamlValue* element : value_->items) {
        result.emplace_back(*element, *source_, "an entry of " + title_, mark_);
    }
    return result;
}

const std::string& YamlNode::text() const {
    if (!is_text()) refuse_kind("a single value");
    return value_->text;
}

// The mark of a block is at its '|'; the lines begin below it, all indented alike.
YamlNode::Block YamlNode::block() const {
    const std::string value = text();
    const std::string& file = source_->text;
    if (mark_.exact) return {mark_.line, mark_.column - 1};
    const auto start = static_cast<std::size_t>(std::max(0, value_->offset));
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

YamlMap::YamlMap(std::string title, const Mark& mark, std::vector<Entry> entries)
    : title_(std::move(title)), mark_(mark), entries_(std::move(entries)) {
    if (entries_.size() > most_keys)
        fail_at(entries_[most_keys].mark, "{} has more than {} keys", title_, most_keys);
    std::unordered_map<std::string_view, int> lines;
    for (const Entry& entry : entries_) {
        const auto [earlier, is_new] = lines.emplace(entry.key, entry.mark.line);
        if (!is_new) {
            fail_at(entry.mark, "duplicate key '{}' (first in line {}); remove one of them",
                    entry.key, earlier->second);
        }
    }
}

const YamlNode* YamlMap::find(std::string_view key) const {
    for (const Entry& entry : entries_) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

}  // namespace warpstep::workload
