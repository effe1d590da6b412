// SPDX-License-Identifier: Apache-2.0
// Every operation of the host communicator on one node and on several, whole and split.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/comm/check_operations.hpp"
#include "tests/support/fake_device.hpp"
#include "tests/support/fork_ranks.hpp"

using namespace warpstep;
using test::expect;
using test::fork_ranks;
using test::Rank;

namespace {

using Layout = std::vector<int>;

constexpr DType dtypes[] = {DType::f32, DType::f64, DType::i32,  DType::i64,
                            DType::u8,  DType::f16, DType::bf16, DType::f8e4m3};

// Under AddressSanitizer an element costs ten times as much: fewer of the types that share their
// code, and not the longest vectors.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
constexpr bool spare(DType dtype) {
    return sanitized && (dtype == DType::f64 || dtype == DType::i64 || dtype == DType::bf16 ||
                         dtype == DType::f8e4m3);
}

std::vector<int> all_well(const Layout& layout) {
    int size = 0;
    for (const int ranks : layout) size += ranks;
    return std::vector<int>(static_cast<std::size_t>(size), 0);
}

enum class Where { private_memory, symmetric };

void with_subject(comm::Communicator& communicator, Where where,
                  const std::function<void(const test::Subject&)>& body) {
    test::FakeStream stream;
    const auto memory = [&](std::size_t bytes) -> std::unique_ptr<device::Buffer> {
        if (where == Where::symmetric) return communicator.allocate(bytes);
        return std::make_unique<test::FakeBuffer>(bytes);
    };
    body({communicator, stream, memory, [](const auto& work) { work(); }});
}

void check_all(comm::Communicator& communicator, bool large) {
    for (const Where where : {Where::private_memory, Where::symmetric}) {
        with_subject(communicator, where, [&](const test::Subject& subject) {
            for (const DType dtype : dtypes) {
                if (spare(dtype)) continue;
                for (const std::size_t count : {0, 1, 7, 1500}) {
                    test::check_operations(subject, dtype, count);
                }
            }
            for (const std::size_t count : {0, 1, 777, 40000}) test::check_messages(subject, count);
            if (!large || sanitized) return;
            test::check_operations(subject, DType::f32, 300001);
            test::check_operations(subject, DType::f16, 700001);
            test::check_messages(subject, 500001);
        });
    }
}

}  // namespace

TEST_CASE("comm: every operation on one node equals the reference") {
    for (const int ranks : {1, 2, 3, 5}) {
        CAPTURE(ranks);
        const auto outcome = fork_ranks(
            {ranks}, [](Rank& rank) { check_all(rank.communicator, rank.step.size <= 3); });
        CHECK(outcome.status == all_well({ranks}));
        CHECK(test::shared_memory_left(outcome.token).empty());
    }
}

TEST_CASE("comm: every operation between nodes equals the reference") {
    for (const Layout& layout :
         {Layout{1, 1}, Layout{2, 1}, Layout{1, 3}, Layout{1, 2, 1}, Layout{3, 3}}) {
        CAPTURE(layout.size());
        const auto outcome = fork_ranks(
            layout, [](Rank& rank) { check_all(rank.communicator, rank.step.size <= 3); });
        CHECK(outcome.status == all_well(layout));
    }
}

TEST_CASE("comm: parts of a split communicator work beside each other") {
    for (const Layout& layout : {Layout{5}, Layout{3, 2}, Layout{1, 2, 2}}) {
        CAPTURE(layout.size());
        const auto outcome = fork_ranks(layout, [](Rank& rank) {
            const int parity = rank.step.rank % 2;
            // Keys turn the order around.
            auto part = rank.communicator.split(parity, -rank.step.rank);
            expect(part != nullptr, "no part");
            expect(part->size() == (5 - parity + 1) / 2, "size of the part");
            expect(part->rank() == part->size() - 1 - rank.step.rank / 2, "rank in the part");
            check_all(*part, false);
            test::FakeStream stream;
            rank.communicator.barrier(stream);
        });
        CHECK(outcome.status == all_well(layout));
        CHECK(test::shared_memory_left(outcome.token).empty());
    }
}

TEST_CASE("comm: a part can be split again, and a rank can stay out") {
    for (const Layout& layout : {Layout{6}, Layout{2, 4}, Layout{3, 1, 2}}) {
        CAPTURE(layout.size());
        const auto outcome = fork_ranks(layout, [](Rank& rank) {
            const bool out = rank.step.rank == 3;
            auto part = rank.communicator.split(out ? -1 : 0, 0);
            expect((part == nullptr) == out, "a rank without a color has a part");
            if (part) {
                expect(part->size() == 5, "size of the part");
                auto smaller = part->split(part->rank() / 2, 0);
                expect(smaller->size() == (part->rank() < 4 ? 2 : 1), "size of the smaller part");
                check_all(*smaller, false);
                auto whole = part->split(7, 0);
                test::FakeStream stream;
                int sum = rank.step.rank;
                whole->all_reduce(&sum, &sum, 1, DType::i32, comm::ReduceOp::sum, stream);
                expect(sum == 12, fmt::format("the part adds up to {}", sum));
            }
            with_subject(rank.communicator, Where::private_memory,
                         [](const auto& subject) { test::check_messages(subject, 100); });
        });
        CHECK(outcome.status == all_well(layout));
    }
}

TEST_CASE("comm: two sides that disagree on a message are told so") {
    for (const Layout& layout : {Layout{2}, Layout{1, 1}}) {
        const auto outcome = fork_ranks(layout, [](Rank& rank) {
            test::FakeStream stream;
            std::vector<float> values(100);
            auto& c = rank.communicator;
            if (rank.step.rank == 0) return c.send(values.data(), 10, DType::f32, 1, stream);
            try {
                c.recv(values.data(), 20, DType::f32, 0, stream);
            } catch (const CommError& error) {
                const std::string text = error.what();
                expect(text.find("rank 0 on n1 sends 40 bytes where rank 1 on") == 0, text);
                return;
            }
            expect(false, "nobody complained");
        });
        CHECK(outcome.status == all_well(layout));
    }
}

TEST_CASE("comm: misuse of groups is an error and leaves the communicator usable") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        auto& c = rank.communicator;
        test::FakeStream stream;
        const auto refused = [&](const std::function<void()>& body) {
            try {
                c.group(body);
            } catch (const LogicError&) {
                return;
            }
            expect(false, "misuse was accepted");
        };
        refused([&] { c.group([] {}); });
        refused([&] { c.allocate(10); });
        refused([&] { c.split(0, 0); });
        int value = rank.step.rank;
        refused([&] { c.send(&value, 1, DType::i32, rank.step.rank, stream); });
        refused([&] { c.send(&value, 1, DType::i32, 2, stream); });
        c.all_reduce(&value, &value, 1, DType::i32, comm::ReduceOp::sum, stream);
        expect(value == 1, "wrong after a refused group");
    });
    CHECK(outcome.status == all_well({2}));
}
