// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/reach.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "tests/plan/by_hand.hpp"

using namespace warpstep;
using plan::CollectiveNote;
using plan::meeting_problem;
using test::a_step;
using Notes = std::vector<std::vector<CollectiveNote>>;

namespace {

CollectiveNote note() {
    CollectiveNote note;
    note.step = "sum";
    note.run = "all_reduce";
    note.place = "f.yaml:9:5";
    note.words = {{"op", "sum"}};
    note.buffers = {{"a", 8, "f32 elements"}};
    note.turns = {{"train", 5}};
    return note;
}

Notes same_on(std::size_t ranks) {
    return Notes(ranks, {note()});
}

std::string problem(const Notes& notes) {
    return meeting_problem(notes).value_or("none");
}

plan::RankScope scope_of(int rank, int ranks) {
    step::Step step;
    step.rank = rank;
    step.size = ranks;
    return {{}, step, device::Facts{}};
}

}  // namespace

TEST_CASE("plan: ranks that do the same meet") {
    CHECK(problem({}) == "none");
    CHECK(problem(same_on(1)) == "none");
    CHECK(problem(same_on(8)) == "none");
    auto nobody = same_on(3);
    for (auto& rank : nobody) rank[0].active = false;
    CHECK(problem(nobody) == "none");
}

TEST_CASE(
    "execution: a collective under an if that not all ranks share is refused with its group") {
    auto notes = same_on(4);
    for (std::size_t rank = 0; rank < 4; ++rank) {
        notes[rank][0].condition = "rank < 2";
        notes[rank][0].active = rank < 2;
    }
    CHECK(problem(notes) ==
          "f.yaml:9:5: step 'sum' (all_reduce) is reached by ranks 0-1 but not by ranks 2-3 (if: "
          "rank < 2 decides, and all ranks wait for each other in it); give it group: rank < 2 or "
          "let the same 'if' hold on all ranks");
    for (std::size_t rank = 0; rank < 4; ++rank) {
        notes[rank][0].group = "rank < 2";
        notes[rank][0].colour = rank < 2 ? 0 : -1;
    }
    CHECK(problem(notes) == "none");
    for (std::size_t rank = 0; rank < 4; ++rank) notes[rank][0].colour = rank < 3 ? 0 : -1;
    CHECK(problem(notes).find("ranks 0-2 are one group and wait for each other") !=
          std::string::npos);
}

TEST_CASE("plan: an if with a comma is proposed in quotes") {
    auto notes = same_on(2);
    for (auto& rank : notes) rank[0].condition = "max(rank, 0) == 0";
    notes[1][0].active = false;
    CHECK(problem(notes).find("give it group: 'max(rank, 0) == 0' or") != std::string::npos);
}

TEST_CASE("plan: groups need to agree among themselves only") {
    auto notes = same_on(4);
    for (std::size_t rank = 0; rank < 4; ++rank) {
        notes[rank][0].group = "{ by: rank % 2 }";
        notes[rank][0].colour = static_cast<std::int64_t>(rank % 2);
        notes[rank][0].buffers[0].count = rank % 2 == 0 ? 8 : 9;
        notes[rank][0].active = rank % 2 == 0;
    }
    CHECK(problem(notes) == "none");
    notes[2][0].buffers[0].count = 7;
    CHECK(problem(notes) ==
          "f.yaml:9:5: step 'sum' (all_reduce) differs between ranks 0 and 2 (the size of 'a' is 8 "
          "f32 elements on rank 0 and 7 f32 elements on rank 2, and ranks 0 and 2 are one group "
          "and wait for each other); let its size not depend on the rank");
}

TEST_CASE("plan: turns, runs, words, sizes and types must be the same") {
    const auto changed = [](auto&& change) {
        auto notes = same_on(3);
        change(notes[2][0]);
        return problem(notes);
    };
    CHECK(changed([](CollectiveNote& n) {
              n.turns[0].count = 4;
          }).find("between ranks 0 and 2 (the turns of 'train' around it is 5 on rank 0 and 4") !=
          std::string::npos);
    CHECK(changed([](CollectiveNote& n) {
              n.times = 7;
          }).find("(how often it runs is 1 on rank 0 and 7 on rank 2") != std::string::npos);
    CHECK(changed([](CollectiveNote& n) { n.words[0].value = "max"; })
              .find("('op' is sum on rank 0 and max on rank 2, and all ranks wait for each other "
                    "in it); give all of them the same op") != std::string::npos);
    CHECK(changed([](CollectiveNote& n) {
              n.buffers[0].what = "f64 elements";
          }).find("8 f64 elements on rank 2") != std::string::npos);
    CHECK(changed([](CollectiveNote& n) {
              n.step = "other";
          }).starts_with("ranks 0 and 2 have different collectives in their files"));
}

TEST_CASE("plan: a step is noted with its words, sizes and group") {
    auto sum = a_step("sum", "reduce", 3,
                      {{"from", "a"}, {"to", "b"}, {"op", "max"}, {"root", "ranks - 1"}});
    sum.group = workload::Group{workload::Group::Kind::by, test::expression("rank % 2")};
    plan::BufferPlan a, b;
    a.name = "a";
    a.count = 5;
    a.shape = {5};
    b = a;
    b.name = "b";
    const auto note = plan::note_of(sum, {a, b}, scope_of(3, 4));
    CHECK(note.place == "f.yaml:3:5");
    CHECK(note.colour == 1);
    CHECK(note.group == "{ by: rank % 2 }");
    REQUIRE(note.words.size() == 2);
    CHECK(note.words[0].value == "max");
    CHECK(note.words[1].value == "3");
    REQUIRE(note.buffers.size() == 2);
    CHECK(note.buffers[1].name == "b");
    CHECK(note.buffers[1].count == 5);
    CHECK(note.buffers[1].what == "f32 elements");
    // Ranks exchange rows of a grid of which they may have different numbers.
    a.shape = {9, 6};
    a.count = 54;
    const auto halo =
        plan::note_of(a_step("h", "halo_exchange", 4, {{"buffer", "a"}}), {a}, scope_of(0, 4));
    CHECK(halo.buffers[0].count == 6);
    const auto peer = plan::note_of(a_step("p", "peer_copy", 4, {{"from", "a"}, {"to", "b"}}),
                                    {a, b}, scope_of(0, 4));
    CHECK(peer.buffers[0].count == 216);
}

TEST_CASE("plan: which group a rank is in") {
    using plan::group_colour;
    const workload::Group first_two{workload::Group::Kind::members, test::expression("rank < 2")};
    const workload::Group pairs{workload::Group::Kind::by, test::expression("rank - 1")};
    CHECK(group_colour(std::nullopt, scope_of(3, 4)) == 0);
    CHECK(group_colour(first_two, scope_of(1, 4)) == 0);
    CHECK(group_colour(first_two, scope_of(2, 4)) == -1);
    CHECK(group_colour(pairs, scope_of(2, 4)) == 1);
    CHECK_THROWS_AS(group_colour(pairs, scope_of(0, 4)), ConfigError);
    CHECK(plan::group_members({0, -1, 0, 1}, 0) == std::vector<int>{0, 2});
}

TEST_CASE("plan: notes survive the way to another rank") {
    auto first = note();
    first.condition = "rank < 2";
    first.active = false;
    first.group = "rank < 2";
    first.colour = -1;
    first.times = 1'000'000'000'000;
    const auto back = plan::decode_notes(plan::encode({first, note()}));
    REQUIRE(back.size() == 2);
    CHECK(problem({{first, note()}, back}) == "none");
    CHECK(back[0].times == first.times);
    CHECK(back[0].condition == first.condition);
    CHECK(back[0].colour == -1);
    CHECK_FALSE(back[0].active);
    CHECK(back[1].turns[0].step == "train");
    CHECK_THROWS_AS(plan::decode_notes("no notes"), CommError);
}

TEST_CASE("plan: ranks are shown as ranges") {
    CHECK(plan::show_ranks({3}) == "rank 3");
    CHECK(plan::show_ranks({0, 1}) == "ranks 0-1");
    CHECK(plan::show_ranks({0, 1, 2, 7}) == "ranks 0-2 and 7");
    CHECK(plan::show_ranks({0, 2, 4, 5}) == "ranks 0, 2 and 4-5");
}

TEST_CASE("plan: conditions on the way are joined") {
    CHECK(plan::joined_condition("", std::nullopt).empty());
    CHECK(plan::joined_condition("", test::expression("rank < 2")) == "rank < 2");
    CHECK(plan::joined_condition("rank < 2", std::nullopt) == "rank < 2");
    CHECK(plan::joined_condition("rank < 2", test::expression("n > 1 or false")) ==
          "(rank < 2) and (n > 1 or false)");
}
