// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "runtime/comm/host/elementwise.hpp"
#include "tests/support/fake_device.hpp"
#include "tests/support/fork_ranks.hpp"

using namespace warpstep;
using comm::ReduceOp;
using test::expect;
using test::fork_ranks;
using test::Rank;

namespace {

using Layout = std::vector<int>;
using Statuses = std::vector<int>;

constexpr DType dtypes[] = {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8};
constexpr ReduceOp ops[] = {ReduceOp::sum, ReduceOp::avg, ReduceOp::min, ReduceOp::max,
                            ReduceOp::prod};

Statuses all_well(const Layout& layout) {
    int size = 0;
    for (const int ranks : layout) size += ranks;
    return Statuses(static_cast<std::size_t>(size), 0);
}

// Different on every rank, near 1 so that products neither vanish nor overflow, never exact in
// binary for floats.
template <typename T>
T value_of(int rank, std::size_t i) {
    const auto mixed = (static_cast<std::size_t>(rank) * 7919 + i * 104729) % 1000;
    if constexpr (std::is_floating_point_v<T>)
        return static_cast<T>(0.75 + 0.0007 * static_cast<double>(mixed));
    return static_cast<T>(mixed % 5 + (i % 3 == 0 ? 0 : 1));
}

enum class Where { private_memory, symmetric };

std::unique_ptr<device::Buffer> make_buffer(Rank& rank, std::size_t bytes, Where where) {
    if (where == Where::symmetric) return rank.communicator.allocate(bytes);
    return std::make_unique<test::FakeBuffer>(bytes);
}

// Serial, in rank order, in the type itself for integers and in double for floats.
template <typename T>
void check_against_reference(const T* result, std::size_t count, ReduceOp op, int size,
                             const std::string& what) {
    using Wide = std::conditional_t<std::is_floating_point_v<T>, double, long long>;
    for (std::size_t i = 0; i < count; i += 1 + i / 64) {
        Wide expected = value_of<T>(0, i);
        for (int other = 1; other < size; ++other) {
            const Wide value = value_of<T>(other, i);
            if (op == ReduceOp::sum || op == ReduceOp::avg) expected += value;
            if (op == ReduceOp::min) expected = std::min(expected, value);
            if (op == ReduceOp::max) expected = std::max(expected, value);
            if (op == ReduceOp::prod) expected *= value;
        }
        if constexpr (std::is_floating_point_v<T>) {
            if (op == ReduceOp::avg) expected /= size;
            const double tolerance = 1e-5 * std::abs(expected);
            expect(std::abs(static_cast<double>(result[i]) - expected) <= tolerance,
                   fmt::format("{}: element {} is {}, not {}", what, i, result[i], expected));
        } else {
            T wrapped = static_cast<T>(expected);
            if (op == ReduceOp::avg) wrapped = static_cast<T>(wrapped / size);
            expect(result[i] == wrapped,
                   fmt::format("{}: element {} is {}, not {}", what, i, +result[i], +wrapped));
        }
    }
}

void expect_same_everywhere(Rank& rank, const void* result, std::size_t bytes,
                            const std::string& what) {
    std::uint64_t hash = 1469598103934665603ULL;
    for (std::size_t i = 0; i < bytes; ++i) {
        hash = (hash ^ static_cast<const unsigned char*>(result)[i]) * 1099511628211ULL;
    }
    const auto hashes =
        rank.channel.all_gather(std::to_string(hash), Deadline::in(std::chrono::seconds(20)));
    for (const auto& other : hashes) expect(other == hashes[0], what + ": ranks disagree bitwise");
}

void check_all_reduce(Rank& rank, DType dtype, ReduceOp op, std::size_t count, Where where,
                      bool in_place) {
    const auto what = fmt::format("all_reduce of {} {} (op {}, {}, {})", count, name_of(dtype),
                                  static_cast<int>(op), in_place ? "in place" : "out of place",
                                  where == Where::symmetric ? "symmetric" : "private");
    const std::size_t bytes = count * size_of(dtype);
    const auto send = make_buffer(rank, bytes, where);
    const auto other = in_place ? nullptr : make_buffer(rank, bytes, where);
    void* recv = in_place ? send->data() : other->data();
    test::FakeStream stream;
    with_type(dtype, [&](auto zero) {
        using T = decltype(zero);
        auto* values = static_cast<T*>(send->data());
        for (std::size_t i = 0; i < count; ++i) values[i] = value_of<T>(rank.step.rank, i);
        rank.communicator.all_reduce(values, recv, count, dtype, op, stream);
        check_against_reference(static_cast<const T*>(recv), count, op, rank.step.size, what);
        const bool kept =
            in_place || count == 0 || values[count - 1] == value_of<T>(rank.step.rank, count - 1);
        expect(kept, what + ": the input was overwritten");
    });
    expect_same_everywhere(rank, recv, bytes, what);
}

void check_all_counts(Rank& rank, bool every_type) {
    for (const DType dtype : dtypes) {
        for (const ReduceOp op : ops) {
            if (!every_type && dtype != DType::f32 && op != ReduceOp::avg) continue;
            for (const std::size_t count : {0, 1, 1000, 5000, 300001}) {
                const bool in_place = (static_cast<int>(op) + static_cast<int>(dtype)) % 2 == 0;
                check_all_reduce(rank, dtype, op, count, Where::private_memory, in_place);
                check_all_reduce(rank, dtype, op, count, Where::symmetric, !in_place);
            }
        }
    }
    for (const Where where : {Where::private_memory, Where::symmetric}) {
        check_all_reduce(rank, DType::f32, ReduceOp::sum, 1 << 20, where, true);
        check_all_reduce(rank, DType::f64, ReduceOp::avg, 1 << 20, where, false);
        check_all_reduce(rank, DType::i64, ReduceOp::sum, (1 << 20) + 3, where, false);
    }
}

void check_broadcast(Rank& rank, std::size_t count, int root, Where where) {
    const auto buffer = make_buffer(rank, count * 4, where);
    auto* values = static_cast<float*>(buffer->data());
    for (std::size_t i = 0; i < count; ++i) values[i] = value_of<float>(rank.step.rank, i);
    test::FakeStream stream;
    rank.communicator.broadcast(values, count, DType::f32, root, stream);
    std::size_t right = 0;
    while (right < count && values[right] == value_of<float>(root, right)) ++right;
    expect(right == count,
           fmt::format("broadcast of {} from {}: element {} is wrong", count, root, right));
}

void check_all_gather(Rank& rank, std::size_t count, Where where, bool in_place) {
    const auto size = static_cast<std::size_t>(rank.step.size);
    const auto recv = make_buffer(rank, size * count * 8, where);
    const auto own = make_buffer(rank, count * 8, where);
    auto* gathered = static_cast<double*>(recv->data());
    auto* mine = in_place ? gathered + static_cast<std::size_t>(rank.step.rank) * count
                          : static_cast<double*>(own->data());
    for (std::size_t i = 0; i < count; ++i) mine[i] = value_of<double>(rank.step.rank, i);
    test::FakeStream stream;
    rank.communicator.all_gather(mine, gathered, count, DType::f64, stream);
    std::size_t right = 0;
    while (right < size * count &&
           gathered[right] == value_of<double>(static_cast<int>(right / count), right % count)) {
        ++right;
    }
    expect(right == size * count,
           fmt::format("all_gather of {}: element {} is wrong", count, right));
}

void check_movement(Rank& rank) {
    test::FakeStream stream;
    for (const Where where : {Where::private_memory, Where::symmetric}) {
        for (const std::size_t count : {0, 1, 1000, 3000, 1500000}) {
            check_broadcast(rank, count, 0, where);
            check_broadcast(rank, count, rank.step.size - 1, where);
            check_all_gather(rank, count / 3, where, false);
            check_all_gather(rank, count / 3, where, true);
        }
        rank.communicator.barrier(stream);
    }
    rank.communicator.wait(stream);
    expect(stream.synchronized == 1, "wait() did not wait for the stream");
}

}  // namespace

TEST_CASE("comm: ranks of one node reduce every type with every operation") {
    for (const int ranks : {1, 2, 3, 4}) {
        CAPTURE(ranks);
        const Layout layout{ranks};
        const auto outcome = fork_ranks(layout, [](Rank& rank) { check_all_counts(rank, true); });
        CHECK(outcome.status == all_well(layout));
        CHECK(test::shared_memory_left(outcome.token).empty());
    }
}

TEST_CASE("comm: eight ranks of one node reduce to the same bits") {
    const Layout layout{8};
    const auto outcome = fork_ranks(layout, [](Rank& rank) { check_all_counts(rank, false); });
    CHECK(outcome.status == all_well(layout));
}

TEST_CASE("comm: ranks of several nodes reduce to the same bits") {
    for (const Layout& layout : {Layout{2, 2}, Layout{1, 1, 1}, Layout{3, 1}}) {
        CAPTURE(layout.size());
        const auto outcome = fork_ranks(layout, [](Rank& rank) { check_all_counts(rank, false); });
        CHECK(outcome.status == all_well(layout));
        CHECK(test::shared_memory_left(outcome.token).empty());
    }
}

TEST_CASE("comm: leaders that are no power of two reduce to the same bits") {
    for (const std::size_t nodes : {5, 6, 7}) {
        CAPTURE(nodes);
        const Layout layout(nodes, 1);
        const auto outcome = fork_ranks(layout, [](Rank& rank) {
            for (const std::size_t count : {1, 3, 7, 1000, 300001}) {
                check_all_reduce(rank, DType::f32, ReduceOp::sum, count, Where::symmetric, true);
                check_all_reduce(rank, DType::i64, ReduceOp::max, count, Where::private_memory,
                                 false);
                // Again, with what was prepared the first time.
                check_all_reduce(rank, DType::f32, ReduceOp::sum, count, Where::symmetric, true);
            }
        });
        CHECK(outcome.status == all_well(layout));
    }
}

TEST_CASE("comm: broadcast and all_gather put everything where it belongs") {
    for (const Layout& layout :
         {Layout{1}, Layout{2}, Layout{4}, Layout{2, 2}, Layout{1, 3}, Layout{1, 1, 1}}) {
        CAPTURE(layout.size());
        const auto outcome = fork_ranks(layout, check_movement);
        CHECK(outcome.status == all_well(layout));
    }
}

TEST_CASE("comm: ranks may mix symmetric and private memory in one operation") {
    for (const Layout& layout : {Layout{3}, Layout{2, 2}}) {
        const auto outcome = fork_ranks(layout, [](Rank& rank) {
            constexpr std::size_t count = 700000;
            const auto shared_send = rank.communicator.allocate(count * 4);
            const auto shared_recv = rank.communicator.allocate(count * 4);
            std::vector<int> send(count), recv(count);
            test::FakeStream stream;
            for (int turn = 0; turn < 4; ++turn) {
                auto* from = (turn + rank.step.rank) % 2 == 0
                                 ? static_cast<int*>(shared_send->data())
                                 : send.data();
                auto* to = turn + rank.step.rank < 2 ? static_cast<int*>(shared_recv->data())
                                                     : recv.data();
                for (std::size_t i = 0; i < count; ++i) from[i] = value_of<int>(rank.step.rank, i);
                rank.communicator.all_reduce(from, to, count, DType::i32, ReduceOp::sum, stream);
                check_against_reference(to, count, ReduceOp::sum, rank.step.size, "mixed");
            }
        });
        CHECK(outcome.status == all_well(layout));
    }
}

TEST_CASE("comm: short and long operations in a row do not overtake each other") {
    for (const Layout& layout : {Layout{3}, Layout{2, 1}}) {
        const auto outcome = fork_ranks(layout, [](Rank& rank) {
            const auto shared = rank.communicator.allocate(1 << 20);
            std::vector<long long> values(1 << 17);
            test::FakeStream stream;
            for (int turn = 0; turn < 200; ++turn) {
                const std::size_t count = turn % 3 == 0 ? 1 : turn % 3 == 1 ? 700 : values.size();
                auto* to = turn % 2 == 0 ? values.data() : static_cast<long long*>(shared->data());
                std::fill_n(to, count, turn * 100 + rank.step.rank);
                rank.communicator.all_reduce(to, to, count, DType::i64, ReduceOp::max, stream);
                const bool right = std::all_of(to, to + count, [&](long long v) {
                    return v == turn * 100 + rank.step.size - 1;
                });
                expect(right, fmt::format("turn {} has a wrong element", turn));
                int root = turn;
                rank.communicator.broadcast(&root, 1, DType::i32, turn % rank.step.size, stream);
                expect(root == turn, "a broadcast was overtaken");
            }
        });
        CHECK(outcome.status == all_well(layout));
    }
}

TEST_CASE("comm: the communicator says what it is made of") {
    const auto shows = [](const std::string& backend) {
        return [backend](Rank& rank) {
            expect(rank.communicator.backend() == backend, rank.communicator.backend());
            expect(rank.communicator.rank() == rank.step.rank, "rank");
            expect(rank.communicator.size() == rank.step.size, "size");
        };
    };
    CHECK(fork_ranks({2}, shows("shared memory")).status == all_well({2}));
    CHECK(fork_ranks({1, 1}, shows("gloo")).status == all_well({1, 1}));
    CHECK(fork_ranks({2, 1}, shows("shared memory + gloo")).status == all_well({2, 1}));
}

TEST_CASE("comm: symmetric buffers start as zero and outlive the communicator's other buffers") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        auto first = rank.communicator.allocate(10000);
        const auto second = rank.communicator.allocate(100);
        std::vector<unsigned char> zeros(10000, 0);
        expect(first->bytes() == 10000, "size");
        expect(std::memcmp(first->data(), zeros.data(), 10000) == 0, "not zero");
        std::memset(first->data(), 1 + rank.step.rank, 10000);
        first.reset();
        const auto third = rank.communicator.allocate(10000);
        expect(std::memcmp(third->data(), zeros.data(), 10000) == 0, "not zero again");
        expect(second->data() != third->data(), "overlap");
    });
    CHECK(outcome.status == all_well({2}));
}

TEST_CASE("comm: more shared memory than there is ends all ranks of the node with the reason") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        try {
            rank.communicator.allocate(std::size_t{1} << 44);
        } catch (const DeviceError& error) {
            const std::string text = error.what();
            expect(text.find("shared memory") != std::string::npos, text);
            test::FakeStream stream;
            rank.communicator.barrier(stream);  // still usable
            return;
        }
        expect(false, "16 TiB were granted");
    });
    CHECK(outcome.status == all_well({2}));
    CHECK(test::shared_memory_left(outcome.token).empty());
}

TEST_CASE("comm: min and max show a NaN wherever it stands") {
    const float nan = std::nanf("");
    const float left[] = {nan, 1, 2}, right[] = {1, nan, 3};
    float result[3];
    for (const ReduceOp op : {ReduceOp::min, ReduceOp::max}) {
        comm::host::combine(DType::f32, op, result, left, right, 3);
        CHECK(std::isnan(result[0]));
        CHECK(std::isnan(result[1]));
        CHECK(result[2] == (op == ReduceOp::min ? 2 : 3));
    }
}
