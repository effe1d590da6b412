// SPDX-License-Identifier: Apache-2.0
// Which GPU a thread is on, over the stand-in libcudart. A context stays until its process ends, so
// GPU 0 is opened by the last case only.
#include <doctest/doctest.h>

#include <thread>

#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using device::Memory;

namespace {

int current() {
    int ordinal = -1;
    if (const auto ask = reinterpret_cast<int (*)(int*)>(test::Failing::find("cudaGetDevice"))) {
        ask(&ordinal);
    }
    return ordinal;
}

}  // namespace

TEST_CASE("device: a new thread that uses a GPU makes no context on another one") {
    const auto gpu = comm::cuda_backend().open(1);
    const auto stream = gpu->make_stream();
    const auto buffer = gpu->allocate(16, Memory::device);
    int after = -1;
    std::thread([&] {
        gpu->copy(buffer->data(), "sixteen letters", 16, *stream);
        after = current();
    }).join();
    stream->synchronize();
    CHECK(after == 1);
    CHECK(test::live("contexts") == 1);
}

TEST_CASE("device: what names no GPU is done on the one that a thread was given") {
    const auto gpu = comm::cuda_backend().open(1);
    const auto stream = gpu->make_stream();
    const auto event = gpu->make_event();
    std::thread([&] {
        gpu->make_current();
        stream->wait(*event);
        event->record(*stream);
        event->synchronize();
    }).join();
    CHECK(test::live("contexts") == 1);
}

TEST_CASE("device: a thread goes back to the GPU that it has chosen") {
    const auto other = comm::cuda_backend().open(0);
    const auto gpu = comm::cuda_backend().open(1);
    other->memory();
    CHECK(current() == 1);
    other->make_current();
    gpu->memory();
    CHECK(current() == 0);
}
