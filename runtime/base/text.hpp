// SPDX-License-Identifier: Apache-2.0
// Small text functions that more than one room needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warpstep {

/// Of the decimal digits of ASCII, whatever the locale.
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view trim(std::string_view text);
/// Pieces between `separator`s, untrimmed; an empty text has no pieces.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& pieces, std::string_view separator);

/// The candidate nearest to `word` by edit distance, or "" when none is near enough to be a typing
/// slip.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
/// "; did you mean 'x'?" or "; known: a, b, c": the suggestion half of an unknown-word message.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

/// FNV-1a, 64 bit, as 16 hex digits. Source: Fowler, Noll, Vo; offset basis and prime of
/// draft-eastlake-fnv.
std::string hash_hex(std::string_view bytes);

}  // namespace warpstep
