// SPDX-License-Identifier: Apache-2.0
// What each collective takes and gives, whatever carries it out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/reach.hpp"

namespace warpstep::plan {

/// What a buffer holds: one part, or one for every rank in their order.
enum class Holds { part, all };

struct CollectiveKind {
    std::string_view name;
    Holds from, to;
    bool reduces, rooted;

    /// Both sides of these hold the same, so one buffer can be both.
    bool can_be_in_place() const;
};

/// All but barrier, which moves nothing.
const std::vector<CollectiveKind>& collective_kinds();
/// nullptr when there is none of that name.
const CollectiveKind* find_collective(std::string_view name);
/// Why the buffers of a collective do not fit so many members, and what to type. Of a note that all
/// members share.
std::optional<std::string> size_problem(const CollectiveNote& note, std::int64_t members);

}  // namespace warpstep::plan
