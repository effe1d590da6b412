// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/gathered_errors.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "runtime/base/text.hpp"

namespace warpstep::workload {
namespace {

constexpr std::size_t most_shown = 20;

std::string text_of(const std::vector<PlacedError>& errors) {
    std::vector<std::string> lines;
    for (const PlacedError& error : errors) {
        if (lines.size() == most_shown) break;
        lines.emplace_back(error.what());
    }
    if (errors.size() > most_shown)
        lines.push_back(fmt::format("… and {} more", errors.size() - most_shown));
    lines.push_back(fmt::format("{} errors; nothing was run", errors.size()));
    return join(lines, "\n");
}

}  // namespace

ManyErrors::ManyErrors(std::vector<PlacedError> all)
    : ConfigError(text_of(all)), each(std::move(all)) {}

// One mistake can be met on two ways.
void GatheredErrors::add(const PlacedError& error) {
    const auto same = [&](const PlacedError& known) {
        return std::string_view(known.what()) == error.what();
    };
    if (std::none_of(errors_.begin(), errors_.end(), same)) errors_.push_back(error);
}

void GatheredErrors::conclude() const {
    if (errors_.empty()) return;
    if (errors_.size() == 1) throw PlacedError(errors_.front());
    std::vector<PlacedError> sorted = errors_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const PlacedError& a, const PlacedError& b) {
        return std::tie(a.mark.file, a.mark.line, a.mark.column) <
               std::tie(b.mark.file, b.mark.line, b.mark.column);
    });
    throw ManyErrors(std::move(sorted));
}

}  // namespace warpstep::workload
