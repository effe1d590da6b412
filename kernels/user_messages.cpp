// SPDX-License-Identifier: Apache-2.0
#include "kernels/user_messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "runtime/base/text.hpp"

namespace warpstep::kernels {
namespace {

// NVRTC indents the line it shows by this.
constexpr std::size_t shown_indent = 2;

struct Place {
    std::string_view file, line, rest;  ///< of "file(line): rest"; empty when it is none
};

Place place_of(std::string_view text) {
    const std::size_t close = text.find("): ");
    if (close == std::string_view::npos || text.starts_with(' ')) return {};
    const std::size_t open = text.rfind('(', close);
    if (open == std::string_view::npos || open == 0 || open + 1 == close) return {};
    const std::string_view line = text.substr(open + 1, close - open - 1);
    const bool digits = line.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits) return {};
    return {text.substr(0, open), line, text.substr(close + 3)};
}

// 1-based, 0 when no '^' stands below the message that begins in line `at`.
std::size_t column_of(const std::vector<std::string>& lines, std::size_t at) {
    for (std::size_t i = at + 1; i < lines.size() && !lines[i].empty(); ++i) {
        if (trim(lines[i]) != "^") continue;
        const std::size_t caret = lines[i].find('^');
        return caret < shown_indent ? 0 : caret - shown_indent + 1;
    }
    return 0;
}

bool says_nothing(std::string_view line) {
    return line.find(" detected in the compilation of ") != std::string_view::npos ||
           line.starts_with("Remark: ");
}

}  // namespace

CompilerMessages place_messages(std::string_view log, const KernelSource& source) {
    const std::vector<std::string> lines = split(log.substr(0, log.find('\0')), '\n');
    CompilerMessages messages;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (says_nothing(lines[i])) continue;
        const Place place = place_of(lines[i]);
        std::string line = lines[i];
        if (!place.file.empty()) {
            std::size_t column = column_of(lines, i);
            if (column > 0 && place.file == source.file) {
                column += static_cast<std::size_t>(source.indent);
            }
            const std::string where = fmt::format("{}:{}", place.file, place.line) +
                                      (column > 0 ? fmt::format(":{}", column) : "");
            line = fmt::format("{}: {}", where, place.rest);
            const std::size_t kind = place.rest.find("error: ");
            if (messages.first_error.empty() && kind != std::string_view::npos) {
                messages.first_error = fmt::format("{}: {}", where, place.rest.substr(kind + 7));
            }
        } else if (messages.first_error.empty() && line.starts_with("nvrtc: error: ")) {
            messages.first_error = line.substr(14);
        }
        const bool blank =
            line.empty() && (messages.text.empty() || messages.text.ends_with("\n\n"));
        if (!blank) messages.text += line + "\n";
    }
    while (messages.text.ends_with('\n')) messages.text.pop_back();
    return messages;
}

}  // namespace warpstep::kernels
