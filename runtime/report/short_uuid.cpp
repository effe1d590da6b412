// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/short_uuid.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/text.hpp"

namespace warpstep::report {
namespace {

constexpr std::size_t digits = 4;  // of a group's beginning or end

std::string end_of(const std::string& group) {
    return group.substr(group.size() - std::min(group.size(), digits));
}

/// The first group whole, of the others the end.
std::string part_of(const std::vector<std::string>& groups, std::size_t group) {
    if (group >= groups.size()) return "";
    return group == 1 ? groups[1] : end_of(groups[group]);
}

bool tells_apart(const std::string& uuid, const std::vector<std::string>& groups,
                 const std::vector<std::string>& among, std::size_t group) {
    return std::none_of(among.begin(), among.end(), [&](const std::string& other) {
        return other != uuid && part_of(split(other, '-'), group) == part_of(groups, group);
    });
}

}  // namespace

std::string short_uuid(const std::string& uuid, const std::vector<std::string>& among) {
    const auto groups = split(uuid, '-');
    if (groups.size() < 3) return uuid;
    if (tells_apart(uuid, groups, among, 1)) return groups[0] + "-" + groups[1];
    for (std::size_t group = groups.size() - 1; group > 1; --group) {
        if (tells_apart(uuid, groups, among, group))
            return fmt::format("{}-{}…{}{}", groups[0], groups[1].substr(0, digits),
                               end_of(groups[group]), group + 1 < groups.size() ? "…" : "");
    }
    return uuid;
}

}  // namespace warpstep::report
