// SPDX-License-Identifier: Apache-2.0
// How NCCL fails and what the user reads then: the stand-in fails on request, and no rank hangs.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/comm/nccl_ranks.hpp"
#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using test::expect;
using test::Failing;
using test::fork_ranks;
using test::NcclRank;
using test::Rank;

namespace {

using std::chrono::milliseconds;
using Statuses = std::vector<int>;

test::NcclOptions impatient() {
    test::NcclOptions options;
    options.start = milliseconds(700);
    options.operation = milliseconds(700);
    return options;
}

// Throws on what `body` throws when it says something else than `text`.
void expect_error(const std::string& text, const std::function<void()>& body) {
    try {
        body();
    } catch (const comm::PeerFailure&) {
        throw;
    } catch (const Error& error) {
        const std::string said = error.what();
        if (said.find(text) == std::string::npos) {
            throw std::runtime_error(fmt::format("'{}' is not in: {}", text, said));
        }
        throw;
    }
    throw std::runtime_error(fmt::format("nothing was thrown, expected '{}'", text));
}

void reduce(NcclRank& nccl, std::size_t count = 4) {
    auto& c = nccl.communicator();
    const auto buffer = nccl.device().allocate(count * 4, device::Memory::device);
    c.all_reduce(buffer->data(), buffer->data(), count, DType::f32, comm::ReduceOp::sum,
                 nccl.stream());
    c.wait(nccl.stream());
}

// Rank 1 fails as `spec` says from its start on; rank 0 says `text`, or what it is told.
test::Outcome fail_on_rank_1(const std::string& spec, const std::function<void(Rank&)>& body,
                             const test::ForkOptions& options = {}) {
    const auto run = [&](Rank& rank) {
        if (rank.step.rank != 1) return body(rank);
        const Failing failing(spec);
        body(rank);
    };
    return fork_ranks({2}, run, options);
}

}  // namespace

TEST_CASE("comm: a start of NCCL that never ends is given up at its deadline") {
    const auto outcome = fail_on_rank_1("start#1=hang", [](Rank& rank) {
        expect_error("nccl 2.28.9: the initialization did not end in time on rank",
                     [&] { NcclRank nccl(rank, impatient()); });
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: a start that the environment wants to block has its deadline all the same") {
    test::ForkOptions options;
    options.limit = milliseconds(30'000);
    const auto outcome = fail_on_rank_1(
        "start#1=hang",
        [](Rank& rank) {
            ::setenv("NCCL_COMM_BLOCKING", "1", 1);
            expect_error("the initialization did not end in time",
                         [&] { NcclRank nccl(rank, impatient()); });
        },
        options);
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: a start that NCCL refuses is said with its words") {
    const auto outcome = fail_on_rank_1("ncclCommInitRankConfig#1=2", [](Rank& rank) {
        expect_error("nccl 2.28.9 cannot start rank 1 of 2: unhandled system error",
                     [&] { NcclRank nccl(rank, impatient()); });
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: two ranks on one GPU are NCCL's invalid usage") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        expect_error("invalid usage", [&] {
            auto options = impatient();
            options.one_gpu = true;
            NcclRank nccl(rank, options);
        });
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: two versions of NCCL are refused by NCCL too") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        if (rank.step.rank == 1) ::setenv("STAND_IN_NCCL_VERSION", "22703", 1);
        expect_error("invalid usage", [&] { NcclRank nccl(rank, impatient()); });
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: a collective that never ends is given up at its deadline, in streams and graphs") {
    for (const bool captured : {false, true}) {
        CAPTURE(captured);
        const auto outcome = fail_on_rank_1("ncclAllReduce#2=hang", [captured](Rank& rank) {
            NcclRank nccl(rank, impatient());
            auto& c = nccl.communicator();
            reduce(nccl);
            const auto buffer = nccl.device().allocate(4, device::Memory::device);
            const auto work = [&] {
                c.all_reduce(buffer->data(), buffer->data(), 1, DType::f32, comm::ReduceOp::sum,
                             nccl.stream());
            };
            expect_error("nccl 2.28.9: the stream did not end in time on rank", [&] {
                if (captured) {
                    nccl.device().capture(nccl.stream(), work)->launch(nccl.stream());
                } else {
                    work();
                }
                c.wait(nccl.stream());
            });
        });
        CHECK(outcome.status == Statuses{3, 3});
    }
}

TEST_CASE("comm: a collective that NCCL refuses, or that fails later, ends all ranks") {
    for (const std::string spec :
         {"ncclAllReduce#1=5", "asyncError#1=6", "ncclCommGetAsyncError#40+=6"}) {
        CAPTURE(spec);
        const auto outcome = fail_on_rank_1(spec, [](Rank& rank) {
            expect_error("nccl 2.28.9", [&] {
                NcclRank nccl(rank, impatient());
                for (int turn = 0; turn < 100; ++turn) reduce(nccl);
            });
        });
        CHECK(outcome.status == Statuses{3, 3});
    }
}

TEST_CASE("comm: a peer that dies ends every NCCL operation of the others") {
    using Call = std::function<void(comm::Communicator&, void*, device::Stream&)>;
    const std::vector<Call> calls = {
        [](auto& c, void* p, auto& s) {
            c.all_reduce(p, p, 8, DType::i32, comm::ReduceOp::sum, s);
        },
        [](auto& c, void* p, auto& s) { c.broadcast(p, 8, DType::i32, 1, s); },
        [](auto& c, void* p, auto& s) { c.all_gather(p, p, 1, DType::i32, s); },
        [](auto& c, void* p, auto& s) { c.reduce(p, p, 8, DType::i32, comm::ReduceOp::sum, 0, s); },
        [](auto& c, void* p, auto& s) {
            c.reduce_scatter(p, p, 1, DType::i32, comm::ReduceOp::sum, s);
        },
        [](auto& c, void* p, auto& s) {
            c.all_to_all(p, static_cast<int*>(p) + 8, 1, DType::i32, s);
        },
        [](auto& c, void* p, auto& s) {
            c.gather(p, static_cast<int*>(p) + 8, 1, DType::i32, 0, s);
        },
        [](auto& c, void* p, auto& s) {
            c.scatter(p, static_cast<int*>(p) + 8, 1, DType::i32, 1, s);
        },
        [](auto& c, void* p, auto& s) {
            c.group([&] {
                c.send(p, 1, DType::i32, 1 - c.rank(), s);
                c.recv(static_cast<int*>(p) + 8, 1, DType::i32, 1 - c.rank(), s);
            });
        },
        [](auto& c, void*, auto& s) { c.barrier(s); },
        [](auto& c, void*, auto&) { c.split(0, 0); },
    };
    for (std::size_t i = 0; i < calls.size(); ++i) {
        CAPTURE(i);
        const auto outcome = fork_ranks({2}, [&](Rank& rank) {
            NcclRank nccl(rank);
            auto& c = nccl.communicator();
            const auto buffer = nccl.device().allocate(64, device::Memory::device);
            calls[i](c, buffer->data(), nccl.stream());
            c.wait(nccl.stream());
            if (rank.step.rank == 1) ::raise(SIGKILL);
            calls[i](c, buffer->data(), nccl.stream());
            c.wait(nccl.stream());
            expect(false, "went on without the peer");
        });
        CHECK(outcome.status == Statuses{3, 128 + SIGKILL});
    }
}

TEST_CASE("comm: a failure in a part ends the part before the whole") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        NcclRank nccl(rank);
        auto part = nccl.communicator().split(0, 0);
        const auto buffer = nccl.device().allocate(4, device::Memory::device);
        if (rank.step.rank == 1) throw ConfigError("no such kernel");
        part->all_reduce(buffer->data(), buffer->data(), 1, DType::f32, comm::ReduceOp::sum,
                         nccl.stream());
        part->wait(nccl.stream());
    });
    CHECK(outcome.status == Statuses{2, 2});
}

TEST_CASE("comm: a failure of the whole ends its parts first") {
    const auto outcome = fail_on_rank_1("ncclAllReduce#2=hang", [](Rank& rank) {
        NcclRank nccl(rank, impatient());
        auto part = nccl.communicator().split(0, 0);
        reduce(nccl);
        expect_error("did not end in time", [&] { reduce(nccl); });
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: what fails later in a part ends a wait of the whole") {
    const auto outcome = fail_on_rank_1("asyncError#1=6", [](Rank& rank) {
        NcclRank nccl(rank);
        const auto part = nccl.communicator().split(0, 0);
        const auto buffer = nccl.device().allocate(4, device::Memory::device);
        part->all_reduce(buffer->data(), buffer->data(), 1, DType::f32, comm::ReduceOp::sum,
                         nccl.stream());
        expect_error("remote process exited", [&] { nccl.communicator().wait(nccl.stream()); });
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: an abort makes no context on the GPU of another rank") {
    const auto outcome = fail_on_rank_1("ncclAllReduce#1=5", [](Rank& rank) {
        try {
            NcclRank nccl(rank, impatient());
            reduce(nccl);
        } catch (const Error&) {
            expect(test::live("contexts") == 1, "one context");
            throw;
        }
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: an abort that hangs does not keep a rank from ending") {
    const auto outcome =
        fail_on_rank_1("ncclAllReduce#1=hang,ncclCommAbort#1+=hang", [](Rank& rank) {
            NcclRank nccl(rank, impatient());
            expect_error("did not end in time", [&] { reduce(nccl); });
        });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: too little memory for collectives is said with wanted and free bytes") {
    const auto outcome = fail_on_rank_1("ncclMemAlloc#1=1", [](Rank& rank) {
        NcclRank nccl(rank, impatient());
        expect_error("cannot allocate 4 MiB of device memory for collectives (unhandled cuda error",
                     [&] {
                         const auto buffer = nccl.communicator().allocate(4 << 20);
                         reduce(nccl);
                     });
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: ranks that disagree on a collective are told that it is invalid usage") {
    const auto outcome = fork_ranks({2}, [](Rank& rank) {
        NcclRank nccl(rank, impatient());
        expect_error("invalid usage", [&] { reduce(nccl, rank.step.rank == 0 ? 4 : 8); });
    });
    CHECK(outcome.status == Statuses{3, 3});
}

TEST_CASE("comm: an NCCL that is missing, or is something else, is named") {
    const auto outcome = fork_ranks({1}, [](Rank& rank) {
        ::setenv("WARPSTEP_NCCL_LIBRARY", "/nowhere/libnccl.so.2", 1);
        expect_error("cannot open NCCL (/nowhere/libnccl.so.2: ", [&] { NcclRank nccl(rank); });
    });
    CHECK(outcome.status == Statuses{3});
    const auto other = fork_ranks({1}, [](Rank& rank) {
        ::setenv("WARPSTEP_NCCL_LIBRARY", "libm.so.6", 1);
        expect_error("'libm.so.6' is not NCCL", [&] { NcclRank nccl(rank); });
    });
    CHECK(other.status == Statuses{3});
}
