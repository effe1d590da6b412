// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::report {
namespace {

// Columns on a terminal: neither colour sequences (ESC … m) nor continuation bytes of UTF-8 take
// one.
std::size_t width_of(const std::string& text) {
    std::size_t width = 0;
    bool escape = false;
    for (const char c : text) {
        if (c == '\x1b') escape = true;
        if (!escape && (c & 0xc0) != 0x80) ++width;
        if (c == 'm') escape = false;
    }
    return width;
}

std::string padded(const std::string& text, std::size_t width, TextTable::Align align) {
    const std::string space(width - std::min(width, width_of(text)), ' ');
    return align == TextTable::Align::left ? text + space : space + text;
}

}  // namespace

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::add(std::vector<std::string> cells) {
    if (cells.size() != columns_.size()) {
        fail<LogicError>("a row of {} cells under {} columns", cells.size(), columns_.size());
    }
    rows_.push_back(std::move(cells));
}

std::string TextTable::text(bool colours) const {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t widest = 0;
        for (const auto& row : rows_) widest = std::max(widest, width_of(row[c]));
        widths.push_back(widest == 0 ? 0 : std::max(widest, width_of(columns_[c].title)));
    }
    const auto line_of = [&](const auto& cell_at) {
        std::string line;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            if (widths[c] == 0) continue;
            line += padded(cell_at(c), widths[c], columns_[c].align) + "  ";
        }
        return line.substr(0, line.find_last_not_of(' ') + 1);
    };
    const std::string header = line_of([&](std::size_t c) { return columns_[c].title; });
    std::string text = colours ? "\x1b[2m" + header + "\x1b[0m\n" : header + "\n";
    for (const auto& row : rows_) text += line_of([&](std::size_t c) { return row[c]; }) + "\n";
    return text;
}

}  // namespace warpstep::report
