// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/host/host_device.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "runtime/base/error.hpp"

using namespace warpstep;
using device::Memory;
using device::host::HostDevice;

TEST_CASE("device: the host says what it is") {
    const HostDevice one(1);
    CHECK(one.facts().name == "host, 1 core");
    const HostDevice four(4);
    CHECK(four.facts().name == "host, 4 cores");
    CHECK(four.facts().kind == device::Kind::host);
    CHECK(four.facts().sm_count == 4);
    CHECK(four.facts().uuid.empty());
    CHECK(four.facts().pci.empty());
    CHECK(four.facts().memory_bytes >= four.free_memory());
    CHECK(four.free_memory() > 0);
    CHECK(four.cores().count() == 4);
}

TEST_CASE("device: host memory is zero-filled and of the size asked for") {
    HostDevice host(1);
    for (const Memory memory : {Memory::device, Memory::host, Memory::host_pinned}) {
        const auto buffer = host.allocate(100'001, memory);
        REQUIRE(buffer->bytes() == 100'001);
        const auto* data = static_cast<const char*>(buffer->data());
        CHECK(std::all_of(data, data + 100'001, [](char c) { return c == 0; }));
        std::memset(buffer->data(), 1, 100'001);
    }
}

TEST_CASE("device: an empty buffer is legal") {
    HostDevice host(1);
    const auto buffer = host.allocate(0, Memory::device);
    CHECK(buffer->bytes() == 0);
    const auto stream = host.make_stream(false);
    CHECK_NOTHROW(host.copy(buffer->data(), buffer->data(), 0, *stream));
}

TEST_CASE("device: more memory than there is gets refused with both numbers") {
    HostDevice host(1);
    const std::size_t wanted = host.facts().memory_bytes * 2;
    CHECK_THROWS_WITH_AS(host.allocate(wanted, Memory::device), doctest::Contains("available"),
                         DeviceError);
    CHECK_THROWS_AS(host.allocate(std::numeric_limits<std::size_t>::max(), Memory::device),
                    DeviceError);
}

TEST_CASE("device: a copy moves bytes, also between overlapping places") {
    HostDevice host(1);
    const auto stream = host.make_stream(true);
    std::vector<int> from(1000), to(1000);
    std::iota(from.begin(), from.end(), 0);
    host.copy(to.data(), from.data(), 1000 * sizeof(int), *stream);
    CHECK(to == from);
    host.copy(to.data() + 1, to.data(), 999 * sizeof(int), *stream);
    CHECK(to[0] == 0);
    CHECK(std::equal(to.begin() + 1, to.end(), from.begin()));
}

TEST_CASE("device: a host stream is always done") {
    HostDevice host(1);
    const auto stream = host.make_stream(false);
    CHECK(stream->done());
    CHECK(stream->native() == nullptr);
    CHECK_NOTHROW(stream->synchronize());
}

TEST_CASE("device: events are in the order of recording") {
    HostDevice host(1);
    const auto stream = host.make_stream(false);
    std::vector<std::unique_ptr<device::Event>> events;
    for (int i = 0; i < 100; ++i) {
        events.push_back(host.make_event());
        events.back()->record(*stream);
        events.back()->synchronize();
    }
    for (std::size_t i = 1; i < events.size(); ++i) {
        CHECK(events[i]->seconds_since(*events[i - 1]) >= 0);
    }
    CHECK(events.back()->seconds_since(*events.front()) > 0);
    CHECK(events.front()->seconds_since(*events.back()) ==
          -events.back()->seconds_since(*events.front()));
}
