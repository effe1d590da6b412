// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/slurm_version.hpp"

#include <fmt/format.h>

#include <charconv>

namespace warpstep::check {
namespace {

/// Takes the number that `text` begins with, and a point behind it.
std::optional<int> take_number(std::string_view& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with('.')) text.remove_prefix(1);
    return value;
}

}  // namespace

std::optional<SlurmVersion> parse_slurm_version(std::string_view text) {
    const auto digit = text.find_first_of("0123456789");
    if (digit == text.npos) return std::nullopt;
    text.remove_prefix(digit);
    const auto year = take_number(text);
    const auto month = take_number(text);
    if (!year || !month) return std::nullopt;
    return SlurmVersion{*year, *month, take_number(text).value_or(0)};
}

std::string show(const SlurmVersion& version) {
    return fmt::format("{}.{:02}.{}", version.year, version.month, version.micro);
}

}  // namespace warpstep::check
