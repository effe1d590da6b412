// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/open_names.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace warpstep::check {
namespace {

bool is_letter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// Whole words only: "n1" is none of "n10" and none of "gen1".
void replace_words(std::string& text, const std::string& word, char mark) {
    if (word.empty()) return;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || !is_letter(text[at - 1]);
        const bool ends = end == text.size() || !is_letter(text[end]);
        if (begins && ends) text.replace(at, word.size(), 1, mark);
    }
}

/// End of a UUID that begins at `at`, or `at`.
std::size_t end_of_uuid(std::string_view text, std::size_t at) {
    if (text.substr(at, 4) != "GPU-" && text.substr(at, 4) != "MIG-") return at;
    std::size_t end = at + 4;
    while (end < text.size() && (is_letter(text[end]) || text[end] == '-')) ++end;
    return end;
}

/// End of "12", "0-3,8", "4.5e+12" or "1a:00.0" that begins at `at`.
std::size_t end_of_number(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) {
        while (end < text.size() && is_digit(text[end])) ++end;
        const bool joined = end + 1 < text.size() && is_digit(text[end + 1]) &&
                            std::string_view("-,.:").find(text[end]) != std::string_view::npos;
        if (joined) ++end;
    }
    return end;
}

}  // namespace

std::string with_own_names_open(std::string text, const Subject& subject) {
    replace_words(text, subject.gpu_uuid, uuid_mark);
    replace_words(text, subject.serial, serial_mark);
    replace_words(text, subject.pci, pci_mark);
    replace_words(text, subject.node, node_mark);
    return text;
}

std::string with_open_names(std::string text, const Subject& subject) {
    const std::string own = with_own_names_open(std::move(text), subject);
    std::string open;
    for (std::size_t at = 0; at < own.size();) {
        const bool begins = at == 0 || !is_letter(own[at - 1]);
        const std::size_t uuid = begins ? end_of_uuid(own, at) : at;
        const std::size_t number = begins ? end_of_number(own, at) : at;
        if (uuid > at)
            open += uuid_mark;
        else if (number > at)
            open += number_mark;
        else
            open += own[at];
        at = std::max({uuid, number, at + 1});
    }
    return open;
}

}  // namespace warpstep::check
