// SPDX-License-Identifier: Apache-2.0
// Buffers, streams, events and peers of the CUDA device, over the stand-in libcudart.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using device::Memory;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::unique_ptr<device::Device> gpu(int ordinal = 0) {
    return comm::cuda_backend().open(ordinal);
}

std::string read(device::Device& from, const device::Buffer& buffer, device::Stream& stream) {
    std::string bytes(buffer.bytes(), '?');
    from.copy(bytes.data(), buffer.data(), bytes.size(), stream);
    stream.synchronize();
    return bytes;
}

}  // namespace

TEST_CASE("device: every kind of memory of a GPU is zero when one gets it, and freed") {
    const auto device = gpu();
    const auto stream = device->make_stream();
    const int before = test::live("memory");
    for (const Memory memory : {Memory::device, Memory::host, Memory::host_pinned}) {
        for (const std::size_t bytes : {1U, 255U, 4096U, 100001U}) {
            const auto buffer = device->allocate(bytes, memory);
            CHECK(buffer->bytes() == bytes);
            CHECK(read(*device, *buffer, *stream) == std::string(bytes, '\0'));
        }
    }
    CHECK(test::live("memory") == before);
}

TEST_CASE("device: an empty buffer of a GPU has no memory and can be copied") {
    const auto device = gpu();
    const auto stream = device->make_stream();
    for (const Memory memory : {Memory::device, Memory::host_pinned}) {
        const auto buffer = device->allocate(0, memory);
        CHECK(buffer->data() == nullptr);
        device->copy(nullptr, buffer->data(), 0, *stream);
    }
    stream->synchronize();
    CHECK(stream->done());
}

TEST_CASE("device: device memory counts against the GPU it was allocated on") {
    const auto first = gpu(0);
    const auto second = gpu(1);
    const auto free_first = first->free_memory();
    const auto free_second = second->free_memory();
    const auto buffer = first->allocate(1 << 20, Memory::device);
    CHECK(first->free_memory() == free_first - (1 << 20));
    CHECK(second->free_memory() == free_second);
    CHECK(first->memory().total == first->facts().memory_bytes);
}

TEST_CASE("device: too large a buffer is refused with wanted and free bytes and the GPU") {
    const auto device = gpu();
    const int before = test::live("memory");
    const auto half = device->allocate(std::size_t{1} << 29, Memory::device);
    const auto error =
        test::error_of([&] { device->allocate((std::size_t{1} << 29) + 256, Memory::device); });
    CHECK(contains(error, "cannot allocate"));
    CHECK(contains(error, "512 MiB of 1 GiB are free"));
    CHECK(contains(error, "out of memory (cudaErrorMemoryAllocation)"));
    CHECK(contains(error, device->facts().uuid));
    CHECK(test::live("memory") == before + 1);
    // The refusal leaves the device usable.
    CHECK(device->allocate(256, Memory::device)->data() != nullptr);
}

TEST_CASE("device: pinned memory that cannot be had is refused with what to request") {
    const auto device = gpu();
    const int before = test::live("memory");
    const test::Failing failing("cudaHostAlloc#1=2");
    const auto error = test::error_of([&] { device->allocate(1 << 20, Memory::host_pinned); });
    CHECK(contains(error, "cannot allocate 1 MiB of pinned host memory"));
    CHECK(contains(error, "--mem"));
    CHECK(test::live("memory") == before);
}

TEST_CASE("device: an event orders two streams and tells the time between two points") {
    const auto device = gpu();
    const int streams = test::live("streams");
    const int events = test::live("events");
    {
        const auto first = device->make_stream();
        const auto second = device->make_stream(true);
        CHECK(first->native() != second->native());
        const auto begin = device->make_event();
        const auto end = device->make_event();
        const auto buffer = device->allocate(1 << 16, Memory::device);
        const std::string data(1 << 16, 'x');
        begin->record(*first);
        device->copy(buffer->data(), data.data(), data.size(), *first);
        end->record(*first);
        second->wait(*end);
        CHECK(read(*device, *buffer, *second) == data);
        end->synchronize();
        CHECK(end->seconds_since(*begin) >= 0);
    }
    CHECK(test::live("streams") == streams);
    CHECK(test::live("events") == events);
}

TEST_CASE("device: the time between events that were never recorded is an error, not zero") {
    const auto device = gpu();
    const auto begin = device->make_event();
    const auto end = device->make_event();
    CHECK(contains(test::error_of([&] { end->seconds_since(*begin); }),
                   "invalid resource handle (cudaErrorInvalidResourceHandle) in "
                   "cudaEventElapsedTime"));
}

TEST_CASE("device: objects belong to their own GPU, whichever is current") {
    const auto first = gpu(0);
    const auto second = gpu(1);  // current from here on
    const auto stream = first->make_stream();
    const auto event = first->make_event();
    const auto buffer = first->allocate(64, Memory::device);
    const std::string data(64, 'y');
    first->copy(buffer->data(), data.data(), data.size(), *stream);
    event->record(*stream);
    event->synchronize();
    CHECK(read(*first, *buffer, *stream) == data);
    CHECK(second->free_memory() == second->memory().total);
}

TEST_CASE("device: a GPU reaches itself and its peer, but not the host") {
    const auto first = gpu(0);
    const auto second = gpu(1);
    CHECK(first->reaches(*first));
    CHECK(first->reaches(*second));
    first->enable_peer(*first);
    first->enable_peer(*second);
    first->enable_peer(*second);  // twice is once

    const auto from = first->allocate(32, Memory::device);
    const auto to = second->allocate(32, Memory::device);
    const auto stream = second->make_stream();
    const std::string data(32, 'z');
    second->copy(from->data(), data.data(), data.size(), *stream);
    second->copy(to->data(), from->data(), data.size(), *stream);
    CHECK(read(*second, *to, *stream) == data);
}

TEST_CASE("device: GPUs without a way between them say so, with both UUIDs") {
    const auto first = gpu(0);
    const auto second = gpu(1);
    ::setenv("STAND_IN_PEERS", "0", 1);
    CHECK(!first->reaches(*second));
    const auto error = test::error_of([&] { first->enable_peer(*second); });
    ::unsetenv("STAND_IN_PEERS");
    CHECK(contains(error, "does not reach into"));
    CHECK(contains(error, first->facts().uuid));
    CHECK(contains(error, second->facts().uuid));
}
