// SPDX-License-Identifier: Apache-2.0
// Device memory of one task in another one, over the stand-in libcudart. The ranks are forked, so
// nothing here opens the module before they are.
#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "tests/emulated/flush_coverage.hpp"
#include "tests/support/fork_ranks.hpp"
#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using device::Memory;
using test::expect;

namespace {

Deadline soon() {
    return Deadline::in(std::chrono::seconds(20));
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("device: a buffer that one task shares is read and written by the other") {
    const auto outcome = test::fork_ranks({2}, [](test::Rank& rank) {
        const auto gpu = comm::cuda_backend().open(rank.step.rank);
        const auto stream = gpu->make_stream();
        const auto mine = gpu->allocate(1000, Memory::device);
        const std::string text(1000, rank.step.rank == 0 ? 'a' : 'b');
        gpu->copy(mine->data(), text.data(), 1000, *stream);
        stream->synchronize();
        const auto handles = rank.channel.all_gather(gpu->share(*mine), soon());
        const int before = test::live("memory");
        {
            const auto theirs = gpu->open_shared(handles[1 - rank.step.rank], 1000);
            expect(theirs->bytes() == 1000, "a shared buffer has the size that was asked for");
            std::string got(1000, '?');
            gpu->copy(got.data(), theirs->data(), 1000, *stream);
            stream->synchronize();
            expect(got == std::string(1000, rank.step.rank == 0 ? 'b' : 'a'), "read the peer's");
            rank.channel.all_gather("read", soon());
            const char mark = 'w';
            gpu->copy(theirs->data(), &mark, 1, *stream);
            stream->synchronize();
            rank.channel.all_gather("written", soon());
        }
        expect(test::live("memory") == before, "a shared buffer is closed with its object");
        char first = '?';
        gpu->copy(&first, mine->data(), 1, *stream);
        stream->synchronize();
        expect(first == 'w', "the peer's write arrived");
        rank.channel.all_gather("done", soon());
        test::flush_coverage();
    });
    CHECK(outcome.status == std::vector<int>{0, 0});
}

TEST_CASE("device: what cannot be shared or opened is refused with the reason") {
    const auto outcome = test::fork_ranks({2}, [](test::Rank& rank) {
        const auto gpu = comm::cuda_backend().open(0);
        const auto mine = gpu->allocate(1000, Memory::device);
        const auto pinned = gpu->allocate(1000, Memory::host_pinned);
        const std::string handle = gpu->share(*mine);
        expect(contains(test::error_of([&] { gpu->share(*pinned); }),
                        "(cudaErrorInvalidValue) in cudaIpcGetMemHandle"),
               "host memory has no handle");
        expect(contains(test::error_of([&] { gpu->open_shared(handle, 1000); }),
                        "this task's own memory"),
               "a task does not open its own memory");
        expect(contains(test::error_of([&] { gpu->open_shared("rubbish", 1000); }),
                        "7 bytes are no handle"),
               "rubbish is no handle");
        const auto handles = rank.channel.all_gather(handle, soon());
        const std::string& theirs = handles[1 - rank.step.rank];
        expect(contains(test::error_of([&] { gpu->open_shared(theirs, 1001); }), "1001 B"),
               "more than is shared");
        expect(gpu->open_shared(theirs, 0)->data() == nullptr, "nothing of it");
        {
            const test::Failing failing("cudaIpcOpenMemHandle#1=205");
            const auto error = test::error_of([&] { gpu->open_shared(theirs, 1000); });
            expect(contains(error, "(cudaErrorMapBufferObjectFailed) in cudaIpcOpenMemHandle"),
                   "CUDA's own refusal: " + error);
            expect(contains(error, gpu->facts().uuid), "with the GPU: " + error);
        }
        const auto empty = gpu->allocate(0, Memory::device);
        const auto empties = rank.channel.all_gather(gpu->share(*empty), soon());
        expect(gpu->open_shared(empties[1 - rank.step.rank], 0)->bytes() == 0, "an empty one");
        rank.channel.all_gather("done", soon());
        test::flush_coverage();
    });
    CHECK(outcome.status == std::vector<int>{0, 0});
}
