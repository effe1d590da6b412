// SPDX-License-Identifier: Apache-2.0
// S7 across members: what one has seen twice and nobody else has seen is found by all of them.
#include "runtime/execution/once_per_epoch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "runtime/device/host/host_device.hpp"
#include "tests/support/fork_ranks.hpp"

using namespace warpstep;
using data::SeenRows;

namespace {

constexpr int members = 3;
// Marked row by row, and more than are marked.
constexpr std::int64_t sizes[] = {100, SeenRows::marked_rows + 7};

// Every third row, from the member's own on.
std::vector<std::int64_t> share(std::int64_t rows, int member) {
    std::vector<std::int64_t> mine(static_cast<std::size_t>((rows - member + 2) / members));
    for (std::size_t i = 0; i < mine.size(); ++i) {
        mine[i] = static_cast<std::int64_t>(i) * members + member;
    }
    return mine;
}

// One rank's side of a test: what it has seen, and what all conclude.
class Member {
  public:
    explicit Member(test::Rank& rank)
        : machine_{rank.step, device_, device_.cores(), nullptr, rank.communicator, rank.channel} {}

    int index() const { return machine_.member(); }
    bool once(const SeenRows& seen, std::int64_t repeats = 0) {
        return execution::once_per_epoch({{&seen, &machine_, stream_.get()}}, repeats);
    }

  private:
    device::host::HostDevice device_{1};
    std::unique_ptr<device::Stream> stream_ = device_.make_stream(false);
    execution::Machine machine_;
};

void on_all(const std::function<void(Member&)>& body) {
    const auto outcome = test::fork_ranks({2, 1}, [&](test::Rank& rank) {
        Member member(rank);
        body(member);
    });
    for (const int status : outcome.status) CHECK(status == 0);
}

}  // namespace

TEST_CASE("execution: shares that make up the table are every row once, in any order") {
    on_all([](Member& member) {
        for (const std::int64_t rows : sizes) {
            SeenRows seen(rows);
            for (int epoch = 0; epoch < 3; ++epoch) {
                // Another member's share in every epoch.
                auto mine = share(rows, (member.index() + epoch) % members);
                std::reverse(mine.begin(), mine.end());
                seen.begin_epoch();
                seen.add(mine.data(), static_cast<std::int64_t>(mine.size()));
                test::expect(member.once(seen), "every row once");
            }
        }
    });
}

TEST_CASE("execution: a row that two members have seen in place of another is found by all") {
    on_all([](Member& member) {
        for (const std::int64_t rows : sizes) {
            SeenRows seen(rows);
            auto mine = share(rows, member.index());
            if (member.index() == 2) mine[5] = 4;  // member 1's; nobody has 17
            seen.begin_epoch();
            seen.add(mine.data(), static_cast<std::int64_t>(mine.size()));
            test::expect(!member.once(seen), "row 4 twice, row 17 never");
        }
    });
}

TEST_CASE("execution: what one epoch lacks another does not make up for") {
    on_all([](Member& member) {
        for (const std::int64_t rows : sizes) {
            SeenRows seen(rows);
            const auto mine = share(rows, member.index());
            const auto count = static_cast<std::int64_t>(mine.size());
            // Members 0 and 1 exchange nothing; member 2 has its first half twice, then its second.
            const std::int64_t half = count / 2;
            for (const std::int64_t from : {std::int64_t{0}, half}) {
                seen.begin_epoch();
                if (member.index() < 2) {
                    seen.add(mine.data(), count);
                } else {
                    seen.add(mine.data() + from, half);
                    seen.add(mine.data() + from, half);
                    if (count % 2 != 0) seen.add(mine.data() + count - 1, 1);
                }
            }
            test::expect(!member.once(seen), "halves twice each");
        }
    });
}

TEST_CASE("execution: rows that wrap are counted over all members") {
    on_all([](Member& member) {
        SeenRows seen(100);
        const auto mine = share(100, member.index());
        seen.begin_epoch();
        seen.add(mine.data(), static_cast<std::int64_t>(mine.size()));
        if (member.index() == 2) seen.add_repeated(2);
        test::expect(member.once(seen, 2), "two repeats");
        test::expect(!member.once(seen, 1), "two repeats are not one");
    });
}
