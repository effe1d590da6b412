// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/words.hpp"

#include <charconv>

namespace warpstep::spank {

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    for (;;) {
        const auto comma = text.find(',');
        words.push_back(text.substr(0, comma));
        if (comma == text.npos) return words;
        text.remove_prefix(comma + 1);
    }
}

Assignment split_assignment(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos) return {text, {}, false};
    return {text.substr(0, equals), text.substr(equals + 1), true};
}

std::optional<int> parse_number(std::string_view text) {
    int number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end || text.front() == '-') return std::nullopt;
    return number;
}

}  // namespace warpstep::spank
