// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/xml_text.hpp"

#include "runtime/report/format_texts.hpp"

namespace warpstep::report {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

std::string with_replacements(std::string_view text) {
    constexpr std::string_view first_two_bytes = "\xef\xbf";  // of U+FFFE and U+FFFF
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool blank = c == '\n' || c == '\t' || c == '\r';
        if (text.substr(i, 2) == first_two_bytes &&
            static_cast<unsigned char>(text[i + 2]) > 0xbd) {
            result += replacement;
            i += 2;
        } else if (static_cast<unsigned char>(c) < 0x20 && !blank) {
            result += replacement;
        } else {
            result += c;
        }
    }
    return result;
}

std::string_view reference_to(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\r':
            return "&#13;";  // a parser would make a line end of it
        default:
            return "";
    }
}

}  // namespace

std::string xml_text(std::string_view text) {
    std::string result;
    for (const char c : with_replacements(valid_utf8(text))) {
        const auto reference = reference_to(c);
        if (reference.empty()) {
            result += c;
        } else {
            result += reference;
        }
    }
    return result;
}

std::string xml_attribute(std::string_view text) {
    std::string result;
    for (const char c : xml_text(text)) {
        if (c == '\n') {
            result += "&#10;";
        } else if (c == '\t') {
            result += "&#9;";
        } else {
            result += c;
        }
    }
    return result;
}

}  // namespace warpstep::report
