// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/reach.hpp"

#include <algorithm>
#include <map>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/plan/collectives.hpp"

namespace warpstep::plan {
namespace {

using Ranks = std::vector<int>;
using Notes = std::vector<const std::vector<CollectiveNote>*>;

// The same step on the ranks of one group.
class Meeting {
  public:
    Meeting(const Notes& notes, std::size_t index, Ranks ranks)
        : notes_(notes), index_(index), ranks_(std::move(ranks)) {}

    std::optional<std::string> problem() const {
        if (auto text = different_reach()) return text;
        if (!first().active) return std::nullopt;
        for (std::size_t i = 1; i < ranks_.size(); ++i) {
            if (&of(ranks_[i]) == &first()) continue;
            if (auto text = different(ranks_[i])) return text;
        }
        return unfit();
    }

  private:
    const CollectiveNote& of(int rank) const {
        return (*notes_[static_cast<std::size_t>(rank)])[index_];
    }
    const CollectiveNote& first() const { return of(ranks_.front()); }

    std::string head() const {
        const CollectiveNote& note = first();
        return fmt::format("{}: step '{}' ({})", note.place, note.step, note.run);
    }
    std::string who_waits() const {
        return first().group.empty()
                   ? "all ranks wait for each other in it"
                   : show_ranks(ranks_) + " are one group and wait for each other";
    }

    std::optional<std::string> different_reach() const {
        Ranks reaching, others;
        for (const int rank : ranks_) (of(rank).active ? reaching : others).push_back(rank);
        if (reaching.empty() || others.empty()) return std::nullopt;
        const std::string& condition = first().condition;
        return fmt::format(
            "{} is reached by {} but not by {} (if: {} decides, and {}); give it "
            "group: {} or let the same 'if' hold on {}",
            head(), show_ranks(reaching), show_ranks(others), condition, who_waits(),
            quoted(condition), first().group.empty() ? "all ranks" : "the whole group");
    }

    // A comma or brace would end the value in a flow map.
    static std::string quoted(const std::string& expression) {
        const bool is_plain = expression.find_first_of(",{}[]'\"#:") == std::string::npos;
        return is_plain ? expression : "'" + expression + "'";
    }

    std::optional<std::string> different(int rank) const {
        const CollectiveNote& one = first();
        const CollectiveNote& other = of(rank);
        for (std::size_t i = 0; i < one.turns.size(); ++i) {
            if (one.turns[i].count == other.turns[i].count) continue;
            return differing(fmt::format("the turns of '{}' around it", one.turns[i].step),
                             std::to_string(one.turns[i].count),
                             std::to_string(other.turns[i].count), rank,
                             "let the loop count not depend on the rank");
        }
        if (one.times != other.times) {
            return differing("how often it runs", std::to_string(one.times),
                             std::to_string(other.times), rank,
                             "let 'repeat' not depend on the rank");
        }
        for (std::size_t i = 0; i < one.words.size(); ++i) {
            if (one.words[i].value == other.words[i].value) continue;
            return differing(fmt::format("'{}'", one.words[i].name), one.words[i].value,
                             other.words[i].value, rank,
                             fmt::format("give all of them the same {}", one.words[i].name));
        }
        return different_size(other, rank);
    }

    std::optional<std::string> different_size(const CollectiveNote& other, int rank) const {
        const CollectiveNote& one = first();
        for (std::size_t i = 0; i < one.buffers.size(); ++i) {
            const auto& mine = one.buffers[i];
            const auto& theirs = other.buffers[i];
            if (mine.count == theirs.count && mine.what == theirs.what) continue;
            return differing(fmt::format("the size of '{}'", mine.name),
                             fmt::format("{} {}", mine.count, mine.what),
                             fmt::format("{} {}", theirs.count, theirs.what), rank,
                             "let its size not depend on the rank");
        }
        return std::nullopt;
    }

    // Whether the buffers fit the members of the group, once those agree.
    std::optional<std::string> unfit() const {
        const CollectiveNote& note = first();
        const auto members = static_cast<std::int64_t>(ranks_.size()) * note.devices;
        auto text = size_problem(note, members);
        if (text) *text = fmt::format("{}: step '{}': {}", note.place, note.step, *text);
        return text;
    }

    std::string differing(const std::string& what, const std::string& mine,
                          const std::string& theirs, int rank, const std::string& fix) const {
        return fmt::format(
            "{} differs between ranks {} and {} ({} is {} on rank {} and {} on rank "
            "{}, and {}); {}",
            head(), ranks_.front(), rank, what, mine, ranks_.front(), theirs, rank, who_waits(),
            fix);
    }

    const Notes& notes_;
    std::size_t index_;
    Ranks ranks_;
};

std::optional<std::string> different_files(const Notes& notes) {
    const auto same = [](const CollectiveNote& a, const CollectiveNote& b) {
        return a.step == b.step && a.run == b.run && a.place == b.place &&
               a.turns.size() == b.turns.size() && a.words.size() == b.words.size() &&
               a.buffers.size() == b.buffers.size();
    };
    for (std::size_t rank = 1; rank < notes.size(); ++rank) {
        if (notes[rank] == notes[0]) continue;
        if (std::equal(notes[0]->begin(), notes[0]->end(), notes[rank]->begin(), notes[rank]->end(),
                       same)) {
            continue;
        }
        return fmt::format(
            "ranks 0 and {} have different collectives in their files ({} and {} "
            "steps); start all ranks with the same file",
            rank, notes[0]->size(), notes[rank]->size());
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> meeting_problem(const Notes& by_rank) {
    if (by_rank.empty()) return std::nullopt;
    if (auto text = different_files(by_rank)) return text;
    for (std::size_t i = 0; i < by_rank[0]->size(); ++i) {
        std::map<std::int64_t, Ranks> groups;
        for (std::size_t rank = 0; rank < by_rank.size(); ++rank) {
            const std::int64_t colour = (*by_rank[rank])[i].colour;
            if (colour >= 0) groups[colour].push_back(static_cast<int>(rank));
        }
        for (auto& [colour, ranks] : groups) {
            if (auto text = Meeting(by_rank, i, std::move(ranks)).problem()) return text;
        }
    }
    return std::nullopt;
}

std::optional<std::string> meeting_problem(
    const std::vector<std::vector<CollectiveNote>>& by_rank) {
    Notes notes;
    for (const auto& rank : by_rank) notes.push_back(&rank);
    return meeting_problem(notes);
}

std::string show_ranks(const Ranks& ranks) {
    std::vector<std::string> runs;
    for (std::size_t i = 0; i < ranks.size();) {
        std::size_t end = i + 1;
        while (end < ranks.size() && ranks[end] == ranks[end - 1] + 1) ++end;
        runs.push_back(end - i == 1 ? std::to_string(ranks[i])
                                    : fmt::format("{}-{}", ranks[i], ranks[end - 1]));
        i = end;
    }
    std::string text = ranks.size() == 1 ? "rank " : "ranks ";
    for (std::size_t i = 0; i < runs.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == runs.size() ? " and " : ", ") + runs[i];
    }
    return text;
}

}  // namespace warpstep::plan
