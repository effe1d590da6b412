// SPDX-License-Identifier: Apache-2.0
// Capture, launch and update of CUDA graphs, over the stand-in libcudart.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using device::Memory;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Two buffers of pinned memory, so that the test looks without copying, and a stream.
struct Bench {
    std::unique_ptr<device::Device> gpu = comm::cuda_backend().open(0);
    std::unique_ptr<device::Stream> stream = gpu->make_stream();
    std::unique_ptr<device::Buffer> from = gpu->allocate(64, Memory::host_pinned);
    std::unique_ptr<device::Buffer> to = gpu->allocate(64, Memory::host_pinned);
    std::unique_ptr<device::Buffer> last = gpu->allocate(64, Memory::host_pinned);

    static char& first(const device::Buffer& buffer) { return *static_cast<char*>(buffer.data()); }
    void copy(const device::Buffer& target, const device::Buffer& source, device::Stream& on) {
        gpu->copy(target.data(), source.data(), 64, on);
    }
    /// Whether the stream does ordinary work.
    bool usable() {
        first(*from) = 'u';
        copy(*to, *from, *stream);
        stream->synchronize();
        return first(*to) == 'u' && stream->done();
    }
};

}  // namespace

TEST_CASE("device: a captured graph does nothing until it is launched, then the same each time") {
    Bench bench;
    const int graphs = test::live("graphs");
    {
        bench.first(*bench.from) = 'a';
        const auto graph = bench.gpu->capture(
            *bench.stream, [&] { bench.copy(*bench.to, *bench.from, *bench.stream); });
        bench.stream->synchronize();
        CHECK(bench.first(*bench.to) == '\0');
        for (const char value : {'a', 'b', 'c'}) {
            bench.first(*bench.from) = value;
            graph->launch(*bench.stream);
            bench.stream->synchronize();
            CHECK(bench.first(*bench.to) == value);
        }
        const auto other = bench.gpu->make_stream();
        bench.first(*bench.from) = 'd';
        graph->launch(*other);
        other->synchronize();
        CHECK(bench.first(*bench.to) == 'd');
        CHECK(test::live("graphs") == graphs + 1);
    }
    CHECK(test::live("graphs") == graphs);
}

TEST_CASE("device: an empty capture is a graph that does nothing") {
    Bench bench;
    const auto graph = bench.gpu->capture(*bench.stream, [] {});
    graph->launch(*bench.stream);
    bench.stream->synchronize();
    CHECK(bench.usable());
}

TEST_CASE("device: a capture follows its events onto another stream and back") {
    Bench bench;
    const auto side = bench.gpu->make_stream();
    const auto fork = bench.gpu->make_event();
    const auto join = bench.gpu->make_event();
    const auto graph = bench.gpu->capture(*bench.stream, [&] {
        bench.copy(*bench.to, *bench.from, *bench.stream);
        fork->record(*bench.stream);
        side->wait(*fork);
        bench.copy(*bench.last, *bench.to, *side);
        join->record(*side);
        bench.stream->wait(*join);
    });
    bench.first(*bench.from) = 'q';
    graph->launch(*bench.stream);
    bench.stream->synchronize();
    CHECK(bench.first(*bench.last) == 'q');
    side->synchronize();  // it captures no more
    CHECK(side->done());
}

TEST_CASE("device: an update of the same shape changes the graph in place") {
    Bench bench;
    const auto graph = bench.gpu->capture(
        *bench.stream, [&] { bench.copy(*bench.to, *bench.from, *bench.stream); });
    {
        // Instantiating again would fail: nothing may be instantiated.
        const test::Failing failing("cudaGraphInstantiate#1+=2");
        graph->update([&] { bench.copy(*bench.last, *bench.from, *bench.stream); });
    }
    bench.first(*bench.from) = 'n';
    graph->launch(*bench.stream);
    bench.stream->synchronize();
    CHECK(bench.first(*bench.last) == 'n');
    CHECK(bench.first(*bench.to) == '\0');
}

TEST_CASE("device: an update of another shape instantiates the graph again and leaks none") {
    Bench bench;
    const auto graph = bench.gpu->capture(
        *bench.stream, [&] { bench.copy(*bench.to, *bench.from, *bench.stream); });
    const int graphs = test::live("graphs");
    graph->update([&] {
        bench.copy(*bench.to, *bench.from, *bench.stream);
        bench.copy(*bench.last, *bench.to, *bench.stream);
    });
    CHECK(test::live("graphs") == graphs);
    bench.first(*bench.from) = 'm';
    graph->launch(*bench.stream);
    bench.stream->synchronize();
    CHECK(bench.first(*bench.last) == 'm');
}

TEST_CASE("device: an update that fails leaves the graph as it was") {
    Bench bench;
    const auto graph = bench.gpu->capture(
        *bench.stream, [&] { bench.copy(*bench.to, *bench.from, *bench.stream); });
    const int graphs = test::live("graphs");
    {
        const test::Failing failing("cudaGraphInstantiate#1=2");
        const auto error = test::error_of([&] { graph->update([] {}); });
        CHECK(contains(error, "out of memory (cudaErrorMemoryAllocation) in cudaGraphInstantiate"));
    }
    CHECK_THROWS_AS(graph->update([] { throw std::runtime_error("no"); }), std::runtime_error);
    CHECK(test::live("graphs") == graphs);
    bench.first(*bench.from) = 'o';
    graph->launch(*bench.stream);
    bench.stream->synchronize();
    CHECK(bench.first(*bench.to) == 'o');
}

TEST_CASE("device: an exception inside a capture comes through and gives the stream back") {
    Bench bench;
    const int graphs = test::live("graphs");
    CHECK_THROWS_AS(bench.gpu->capture(*bench.stream,
                                       [&] {
                                           bench.copy(*bench.to, *bench.from, *bench.stream);
                                           throw std::runtime_error("mine");
                                       }),
                    std::runtime_error);
    CHECK(bench.usable());
    CHECK(test::live("graphs") == graphs);
}

TEST_CASE("device: work that cannot be captured is named, and the stream can be used again") {
    Bench bench;
    const int graphs = test::live("graphs");
    const auto error = test::error_of(
        [&] { bench.gpu->capture(*bench.stream, [&] { bench.stream->synchronize(); }); });
    CHECK(contains(error, "operation not permitted when stream is capturing"));
    CHECK(contains(error, "in cudaStreamSynchronize at "));
    CHECK(bench.usable());
    CHECK(test::live("graphs") == graphs);
}

TEST_CASE("device: a body that swallows a refused call does not get a graph") {
    Bench bench;
    const auto error = test::error_of([&] {
        bench.gpu->capture(*bench.stream, [&] { test::error_of([&] { bench.stream->done(); }); });
    });
    CHECK(contains(error, "(cudaErrorStreamCaptureInvalidated) in cudaStreamEndCapture"));
    CHECK(bench.usable());
}

TEST_CASE("device: work on another stream that is not waited for again is refused") {
    Bench bench;
    const auto side = bench.gpu->make_stream();
    const auto fork = bench.gpu->make_event();
    const auto error = test::error_of([&] {
        bench.gpu->capture(*bench.stream, [&] {
            fork->record(*bench.stream);
            side->wait(*fork);
            bench.copy(*bench.last, *bench.to, *side);
        });
    });
    CHECK(contains(error, "(cudaErrorStreamCaptureUnjoined) in cudaStreamEndCapture"));
    CHECK(bench.usable());
    side->synchronize();
}

TEST_CASE("device: a capture inside a capture is refused") {
    Bench bench;
    const auto error = test::error_of([&] {
        bench.gpu->capture(*bench.stream, [&] { bench.gpu->capture(*bench.stream, [] {}); });
    });
    CHECK(contains(error, "in cudaStreamBeginCapture"));
    CHECK(bench.usable());
}
