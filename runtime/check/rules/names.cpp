// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/process/cpu_list.hpp"

namespace warpstep::check {
namespace {

std::string first_of(const std::vector<std::string>& all, std::size_t shown,
                     const char* separator) {
    if (all.size() <= shown) return join(all, separator);
    const std::vector<std::string> some(all.begin(),
                                        all.begin() + static_cast<std::ptrdiff_t>(shown));
    return fmt::format("{} and {} more", join(some, separator), all.size() - shown);
}

}  // namespace

std::string show_ranks(std::vector<int> ranks) {
    std::sort(ranks.begin(), ranks.end());
    return (ranks.size() == 1 ? "rank " : "ranks ") +
           first_of(split(process::show(ranks), ','), 8, ",");
}

std::string show_names(const std::vector<std::string>& names) {
    return first_of(names, 8, ", ");
}

std::string some_of(const std::vector<std::string>& names) {
    if (names.empty()) return "none";
    return names.size() == 3 ? join(names, ", ") : first_of(names, 2, ", ");
}

}  // namespace warpstep::check
