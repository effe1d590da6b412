// SPDX-License-Identifier: Apache-2.0
// Ranks wait for each other in collectives, so all members of a group must come to the same ones,
// equally often, with the same sizes. Compared before anything is allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/buffers.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// What one rank will do at one collective step of the file.
struct CollectiveNote {
    struct Sized {
        std::string name;  ///< of the buffer
        std::int64_t count = 0;
        std::string what;  ///< "f32 elements", "bytes", "f32 columns"
    };
    struct Turns {
        std::string step;  ///< of the container that loops
        std::int64_t count = 0;
    };
    struct Word {
        std::string name, value;  ///< root, shift, op, periodic
    };

    std::string step, run;
    std::string place;         ///< file:line:column
    std::string condition;     ///< what decides whether it is reached: "rank < 2"; "" always
    bool active = true;        ///< whether this rank reaches it
    std::string group;         ///< as written, "" for all ranks
    std::int64_t colour = 0;   ///< ranks of one colour are one group; -1: in none
    int devices = 1;           ///< of each rank, which all take part
    std::int64_t times = 1;    ///< warm-up included, at every turn
    std::vector<Turns> turns;  ///< of the loops around it, outermost first
    std::vector<Word> words;
    std::vector<Sized> buffers;
};

/// Which group of a step this rank is in: 0 without `group:`; where it lists members, 0 for those
/// and -1 for the others; otherwise the value. Errors: ConfigError for a negative value or one
/// that is no whole number.
std::int64_t group_colour(const std::optional<workload::Group>& group,
                          const workload::Scope& scope);
/// The ranks of `colour`, ascending. `colours` are those of all ranks.
std::vector<int> group_members(const std::vector<std::int64_t>& colours, std::int64_t colour);

/// The note of a step that is a collective; condition, times and turns are the caller's to fill in.
/// Where the step is not active its words are not evaluated. Errors: ConfigError of an expression.
CollectiveNote note_of(const workload::Step& step, const std::vector<BufferPlan>& buffers,
                       const workload::Scope& scope, bool active = true);

/// The conditions on the way to a step as one expression: "(rank < 2) and (n > 4)".
std::string joined_condition(const std::string& outer,
                             const std::optional<workload::Expression>& inner);

std::string encode(const std::vector<CollectiveNote>& notes);
/// Errors: CommError for bytes that are no notes.
std::vector<CollectiveNote> decode_notes(std::string_view bytes);

/// The first step at which ranks of one group would not meet, or whose buffers do not fit so many
/// of them: which ranks, what differs and what to type. Every rank notes every collective of the
/// file in its order, also those that it does not reach.
std::optional<std::string> meeting_problem(
    const std::vector<const std::vector<CollectiveNote>*>& by_rank);
std::optional<std::string> meeting_problem(const std::vector<std::vector<CollectiveNote>>& by_rank);

/// "rank 3", "ranks 0-2 and 7". Precondition: ascending, not empty.
std::string show_ranks(const std::vector<int>& ranks);

}  // namespace warpstep::plan
