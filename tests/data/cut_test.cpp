// SPDX-License-Identifier: Apache-2.0
// By exhaustive counting: every sample is seen exactly once in every epoch over all members, what
// `uneven` repeats or leaves out aside.
#include "runtime/data/cut.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "runtime/data/epoch_order.hpp"

using namespace warpstep::data;
using warpstep::workload::Uneven;

namespace {

struct Epoch {
    std::vector<int> seen;  ///< by row
    std::int64_t largest = 0;
};

// Reads an epoch as all members do, checking what must hold of every batch.
Epoch read_epoch(const Cut& cut, const EpochOrder& order, int members) {
    Epoch epoch{std::vector<int>(static_cast<std::size_t>(cut.rows), 0), 0};
    for (std::int64_t turn = 0; turn < cut.turns(members); ++turn) {
        std::int64_t sum = 0, least = cut.rows, most = 0;
        for (int member = 0; member < members; ++member) {
            const Places places = cut.places(turn, member, members);
            sum += places.count;
            least = std::min(least, places.count);
            most = std::max(most, places.count);
            for (std::int64_t i = 0; i < places.count; ++i) {
                const std::int64_t row = order.at((places.first + i * places.stride) % cut.rows);
                ++epoch.seen[static_cast<std::size_t>(row)];
            }
        }
        for (int member = 0; member < members; ++member) {
            REQUIRE(cut.places(turn, member, members).all == sum);
        }
        REQUIRE(sum > 0);
        REQUIRE(most - least <= (cut.shard ? 0 : 1));
        epoch.largest = std::max(epoch.largest, most);
    }
    return epoch;
}

// All cuts of tables of 1 to 40 rows over 1 to 9 members.
template <typename Check>
void for_all(bool global, std::optional<Uneven> shard, Check&& check) {
    for (std::int64_t rows = 1; rows <= 40; ++rows) {
        for (const std::int64_t batch : {1, 2, 3, 5, 8, 13, 32, 40, 41, 1000}) {
            for (int members = 1; members <= 9; ++members) {
                CAPTURE(rows);
                CAPTURE(batch);
                CAPTURE(members);
                const Cut cut{rows, batch, global, shard};
                for (std::uint64_t seed = 0; seed < 3; ++seed) {
                    const EpochOrder order(seed, rows);
                    const Epoch epoch = read_epoch(cut, order, members);
                    REQUIRE(epoch.largest == cut.largest_share(members));
                    check(cut, order, members, epoch.seen);
                }
            }
        }
    }
}

}  // namespace

TEST_CASE("data: split batches hold every row exactly once per epoch") {
    for (const bool global : {true, false}) {
        for_all(global, std::nullopt,
                [](const Cut& cut, const EpochOrder&, int members, const std::vector<int>& seen) {
                    REQUIRE(seen == std::vector<int>(seen.size(), 1));
                    REQUIRE(cut.repeats(members) == 0);
                });
    }
}

TEST_CASE("data: wrapped shards repeat the beginning of the order and nothing else") {
    for_all(false, Uneven::wrap,
            [](const Cut& cut, const EpochOrder& order, int members, const std::vector<int>& seen) {
                auto expected = std::vector<int>(seen.size(), 1);
                const std::int64_t repeats = (members - cut.rows % members) % members;
                for (std::int64_t p = 0; p < repeats; ++p) {
                    ++expected[static_cast<std::size_t>(order.at(p % cut.rows))];
                }
                REQUIRE(seen == expected);
                REQUIRE(cut.repeats(members) == repeats);
            });
}

TEST_CASE("data: dropped shards leave out the end of the order and nothing else") {
    for_all(false, Uneven::drop,
            [](const Cut& cut, const EpochOrder& order, int members, const std::vector<int>& seen) {
                auto expected = std::vector<int>(seen.size(), 1);
                for (std::int64_t p = cut.rows - cut.rows % members; p < cut.rows; ++p) {
                    expected[static_cast<std::size_t>(order.at(p))] = 0;
                }
                REQUIRE(seen == expected);
                REQUIRE(cut.repeats(members) == 0);
            });
}

TEST_CASE("data: member m of a shard reads the places m, m + members, ... in order") {
    const Cut cut{10, 2, false, Uneven::wrap};
    CHECK(cut.turns(3) == 2);  // 12 places, 4 for each member
    const Places last = cut.places(1, 2, 3);
    CHECK(last.first == 8);
    CHECK(last.stride == 3);
    CHECK(last.count == 2);  // place 11 is the row of place 1
    CHECK(last.all == 6);
}

TEST_CASE("data: a batch larger than the table is the whole table") {
    constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
    for (const bool global : {true, false}) {
        const Cut cut{7, huge, global, std::nullopt};
        CHECK(cut.turns(3) == 1);
        CHECK(cut.places(0, 0, 3).all == 7);
    }
    CHECK(Cut{7, huge, false, Uneven::wrap}.places(0, 2, 3).count == 3);
    const Cut large{huge / 2, huge / 2, true, std::nullopt};
    CHECK(large.places(0, 8, 9).first + large.places(0, 8, 9).count == huge / 2);
}

TEST_CASE("data: the order of an epoch is a permutation, listed or computed") {
    for (const std::int64_t rows : {EpochOrder::listed_rows, EpochOrder::listed_rows + 1}) {
        const EpochOrder order(3, rows), again(3, rows), other(4, rows);
        std::vector<bool> seen(static_cast<std::size_t>(rows));
        std::int64_t found = 0, moved = 0, differing = 0, unequal = 0;
        for (std::int64_t p = 0; p < rows; ++p) {
            const std::int64_t row = order.at(p);
            found += seen.at(static_cast<std::size_t>(row)) ? 0 : 1;
            seen[static_cast<std::size_t>(row)] = true;
            moved += row != p ? 1 : 0;
            differing += row != other.at(p) ? 1 : 0;
            unequal += row != again.at(p) ? 1 : 0;
        }
        CHECK(found == rows);
        CHECK(moved > rows - 100);
        CHECK(differing > rows - 100);
        CHECK(unequal == 0);
    }
    CHECK(EpochOrder(std::nullopt, 5).at(3) == 3);
}
