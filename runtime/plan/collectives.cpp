// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/collectives.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace warpstep::plan {
namespace {

using Sized = CollectiveNote::Sized;

// "8 f32" of what is "8 f32 elements".
std::string show(const Sized& sized) {
    return fmt::format("'{}' is {} {}", sized.name, sized.count,
                       sized.what.substr(0, sized.what.find(' ')));
}

std::string unequal(const CollectiveKind& kind, const Sized& from, const Sized& to,
                    std::int64_t members) {
    const bool parts_first = kind.from == Holds::part;
    const std::string want =
        kind.from == kind.to
            ? fmt::format("{} needs the same type and count); change one", kind.name)
            : fmt::format("'{}' must hold {} times as many of one type); use count: {} * ranks",
                          (parts_first ? to : from).name, members, (parts_first ? from : to).count);
    return fmt::format("{} but {} ({}", show(from), show(to), want);
}

}  // namespace

bool CollectiveKind::can_be_in_place() const {
    return from == Holds::part && to == Holds::part && name != "send_recv";
}

const std::vector<CollectiveKind>& collective_kinds() {
    constexpr Holds part = Holds::part, all = Holds::all;
    static const std::vector<CollectiveKind> kinds{
        {"all_gather", part, all, false, false},    {"all_reduce", part, part, true, false},
        {"all_to_all", all, all, false, false},     {"broadcast", part, part, false, true},
        {"gather", part, all, false, true},         {"reduce", part, part, true, true},
        {"reduce_scatter", all, part, true, false}, {"scatter", all, part, false, true},
        {"send_recv", part, part, false, false},
    };
    return kinds;
}

const CollectiveKind* find_collective(std::string_view name) {
    const auto& kinds = collective_kinds();
    const auto it = std::find_if(kinds.begin(), kinds.end(),
                                 [&](const CollectiveKind& kind) { return kind.name == name; });
    return it == kinds.end() ? nullptr : &*it;
}

std::optional<std::string> size_problem(const CollectiveNote& note, std::int64_t members) {
    const CollectiveKind* kind = find_collective(note.run);
    if (kind == nullptr || note.buffers.empty()) return std::nullopt;
    const Sized &from = note.buffers.front(), &to = note.buffers.back();
    const std::int64_t parts = kind->from == kind->to ? 1 : members;
    const bool fits =
        kind->from == Holds::part ? to.count == from.count * parts : from.count == to.count * parts;
    if (!fits || from.what != to.what) return unequal(*kind, from, to, members);
    if (kind->from == Holds::all && kind->to == Holds::all && from.count % members != 0) {
        return fmt::format(
            "'{}' has {} elements ({} ranks cannot share them equally); use count: {} * ranks",
            from.name, from.count, members, from.count / members + 1);
    }
    for (const auto& word : note.words) {
        if (word.name != "root") continue;
        if (const auto root = std::stoll(word.value); root < 0 || root >= members) {
            return fmt::format("root {} is no rank (there are {}); use 0 to {}", root, members,
                               members - 1);
        }
    }
    return std::nullopt;
}

}  // namespace warpstep::plan
