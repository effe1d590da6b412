// SPDX-License-Identifier: Apache-2.0
// Every operation of the NCCL communicator over the stand-in libnccl, issued and captured.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/comm/nccl_ranks.hpp"
#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using test::expect;
using test::fork_ranks;
using test::NcclRank;
using test::Rank;

namespace {

constexpr DType dtypes[] = {DType::f32, DType::f64, DType::i32,  DType::i64,
                            DType::u8,  DType::f16, DType::bf16, DType::f8e4m3};

std::vector<int> all_well(int ranks) {
    return std::vector<int>(static_cast<std::size_t>(ranks), 0);
}

void check_all(NcclRank& nccl, comm::Communicator& communicator, bool captured) {
    const auto subject = nccl.subject(communicator, captured);
    for (const DType dtype : dtypes) test::check_operations(subject, dtype, 7);
    for (const std::size_t count : {0, 1, 3000}) {
        test::check_operations(subject, DType::f32, count);
        test::check_messages(subject, count);
    }
}

}  // namespace

TEST_CASE("comm: every operation of NCCL equals the reference") {
    for (const int ranks : {1, 2, 3}) {
        CAPTURE(ranks);
        const auto outcome = fork_ranks({ranks}, [](Rank& rank) {
            NcclRank nccl(rank);
            expect(nccl.communicator().size() == rank.step.size, "size");
            expect(nccl.communicator().backend() == "nccl 2.28.9", nccl.communicator().backend());
            check_all(nccl, nccl.communicator(), false);
        });
        CHECK(outcome.status == all_well(ranks));
    }
}

TEST_CASE("comm: every operation of NCCL can be captured into a graph") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        NcclRank nccl(rank);
        check_all(nccl, nccl.communicator(), true);
    });
    CHECK(outcome.status == all_well(2));
}

TEST_CASE("comm: a captured collective runs at every launch of its graph") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        NcclRank nccl(rank);
        auto& c = nccl.communicator();
        const auto buffer = c.allocate(4);
        auto& value = *static_cast<int*>(buffer->data());
        value = 1;
        const auto graph = nccl.device().capture(nccl.stream(), [&] {
            c.all_reduce(&value, &value, 1, DType::i32, comm::ReduceOp::sum, nccl.stream());
        });
        expect(value == 1, "the capture ran");
        for (int turn = 0; turn < 5; ++turn) graph->launch(nccl.stream());
        c.wait(nccl.stream());
        expect(value == 32, fmt::format("five launches gave {}", value));
    });
    CHECK(outcome.status == all_well(2));
}

TEST_CASE("comm: parts of an NCCL communicator work beside each other") {
    const auto outcome = fork_ranks({4}, [](Rank& rank) {
        NcclRank nccl(rank);
        const bool out = rank.step.rank == 3;
        auto part = nccl.communicator().split(out ? -1 : 0, -rank.step.rank);
        expect((part == nullptr) == out, "a rank without a color has a part");
        if (part) {
            expect(part->size() == 3 && part->rank() == 2 - rank.step.rank, "place in the part");
            check_all(nccl, *part, false);
            auto smaller = part->split(part->rank() / 2, 0);
            expect(smaller->size() == (part->rank() < 2 ? 2 : 1), "size of the smaller part");
            check_all(nccl, *smaller, true);
        }
        test::check_messages(nccl.subject(nccl.communicator(), false), 10);
    });
    CHECK(outcome.status == all_well(4));
}

TEST_CASE("comm: one task drives several GPUs in one communicator") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        test::NcclOptions options;
        options.devices = 3;
        NcclRank nccl(rank, options);
        std::vector<std::unique_ptr<device::Buffer>> buffers;
        for (std::size_t i = 0; i < 3; ++i) {
            auto& c = nccl.communicator(i);
            expect(c.size() == 6 && c.rank() == rank.step.rank * 3 + static_cast<int>(i), "place");
            buffers.push_back(nccl.device(i).allocate(4, device::Memory::device));
            *static_cast<int*>(buffers[i]->data()) = 1 << c.rank();
        }
        nccl.communicator().group([&] {
            for (std::size_t i = 0; i < 3; ++i) {
                void* value = buffers[i]->data();
                nccl.communicator(i).all_reduce(value, value, 1, DType::i32, comm::ReduceOp::sum,
                                                nccl.stream(i));
            }
        });
        for (std::size_t i = 0; i < 3; ++i) {
            nccl.communicator(i).wait(nccl.stream(i));
            const int sum = *static_cast<int*>(buffers[i]->data());
            expect(sum == 63, fmt::format("device {} has {}", i, sum));
        }
    });
    CHECK(outcome.status == all_well(2));
}

TEST_CASE("comm: a communicator starts from several roots") {
    const auto outcome = fork_ranks({3}, [](Rank& rank) {
        test::NcclOptions options;
        options.roots = 2;
        NcclRank nccl(rank, options);
        test::check_messages(nccl.subject(nccl.communicator(), false), 10);
    });
    CHECK(outcome.status == all_well(3));
}

TEST_CASE("comm: memory of a communicator works with windows, registrations and neither") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        NcclRank nccl(rank);
        const auto check = [&] {
            test::check_operations(nccl.subject(nccl.communicator(), false), DType::f32, 10);
        };
        check();
        ::setenv("STAND_IN_NCCL_WINDOWS", "0", 1);
        check();
        ::setenv("WARPSTEP_NCCL_WINDOWS", "0", 1);
        check();
        const test::Failing failing("ncclCommRegister#1+=3,ncclCommWindowRegister#1+=3");
        check();
        ::unsetenv("WARPSTEP_NCCL_WINDOWS");
        check();
    });
    CHECK(outcome.status == all_well(2));
}

TEST_CASE("comm: an old NCCL moves data by messages and names what it lacks") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        ::setenv("WARPSTEP_NCCL_LIBRARY", WARPSTEP_OLD_NCCL, 1);
        test::NcclOptions options;
        options.roots = 2;
        NcclRank nccl(rank, options);
        expect(nccl.communicator().backend() == "nccl 2.17.1", nccl.communicator().backend());
        const auto subject = nccl.subject(nccl.communicator(), false);
        test::check_operations(subject, DType::f32, 10);
        test::check_operations(nccl.subject(nccl.communicator(), true), DType::bf16, 100);
        test::check_messages(subject, 10);
        const auto split = test::error_of([&] { nccl.communicator().split(0, 0); });
        expect(split.find("NCCL 2.17.1 in ") == 0, split);
        expect(split.find("cannot split a communicator (2.18 or newer can)") != split.npos, split);
        const auto buffer = nccl.communicator().allocate(8);
        const auto f8 = test::error_of([&] {
            nccl.communicator().broadcast(buffer->data(), 8, DType::f8e4m3, 0, nccl.stream());
        });
        expect(f8.find("does not know f8e4m3 (2.24 or newer does)") != f8.npos, f8);
    });
    CHECK(outcome.status == all_well(2));
}

TEST_CASE("comm: ranks that share a GPU look like different hosts to NCCL") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        test::NcclOptions options;
        options.one_gpu = true;
        options.host_id = fmt::format("warpstep-rank{}", rank.step.rank);
        NcclRank nccl(rank, options);
        expect(std::string(std::getenv("NCCL_HOSTID")) == options.host_id, "NCCL_HOSTID");
        test::check_messages(nccl.subject(nccl.communicator(), false), 10);
    });
    CHECK(outcome.status == all_well(2));
}

TEST_CASE("comm: a new NCCL is told that GPUs are shared") {
    const auto outcome = fork_ranks({1}, [](Rank& rank) {
        ::setenv("STAND_IN_NCCL_VERSION", "23000", 1);
        test::NcclOptions options;
        options.host_id = "warpstep-rank0";
        NcclRank nccl(rank, options);
        expect(std::string(std::getenv("NCCL_MULTI_RANK_GPU_ENABLE")) == "1", "variable");
        expect(std::getenv("NCCL_HOSTID") == nullptr, "NCCL_HOSTID is set");
    });
    CHECK(outcome.status == all_well(1));
}
