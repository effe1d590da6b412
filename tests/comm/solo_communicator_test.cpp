// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/solo_communicator.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/device/host/host_device.hpp"

using warpstep::DType;
using warpstep::comm::ReduceOp;
using warpstep::comm::SoloCommunicator;

TEST_CASE("comm: alone, every reduction and gather is a copy") {
    warpstep::device::host::HostDevice device(1);
    SoloCommunicator alone(device);
    const auto stream = device.make_stream(false);
    const std::vector<float> mine{1.5F, -2.0F, 3.0F};
    for (const auto op :
         {ReduceOp::sum, ReduceOp::avg, ReduceOp::min, ReduceOp::max, ReduceOp::prod}) {
        std::vector<float> all(3, 0.0F);
        alone.all_reduce(mine.data(), all.data(), 3, DType::f32, op, *stream);
        CHECK(all == mine);
    }
    std::vector<float> gathered(3, 0.0F);
    alone.all_gather(mine.data(), gathered.data(), 3, DType::f32, *stream);
    CHECK(gathered == mine);
}

TEST_CASE("comm: alone, in place and broadcast leave the buffer as it is") {
    warpstep::device::host::HostDevice device(1);
    SoloCommunicator alone(device);
    const auto stream = device.make_stream(false);
    std::vector<double> buffer{4.0, 5.0};
    alone.all_reduce(buffer.data(), buffer.data(), 2, DType::f64, ReduceOp::sum, *stream);
    alone.broadcast(buffer.data(), 2, DType::f64, 0, *stream);
    alone.barrier(*stream);
    alone.wait(*stream);
    CHECK(buffer == std::vector<double>{4.0, 5.0});
    CHECK(alone.size() == 1);
    CHECK(alone.rank() == 0);
}

TEST_CASE("comm: alone, memory for collectives is the device's own, zero-filled") {
    warpstep::device::host::HostDevice device(1);
    SoloCommunicator alone(device);
    const auto memory = alone.allocate(16);
    CHECK(memory->bytes() == 16);
    CHECK(static_cast<const char*>(memory->data())[15] == 0);
}

TEST_CASE("comm: alone, every operation is a copy, also at the end of a group") {
    warpstep::device::host::HostDevice device(1);
    SoloCommunicator alone(device);
    const auto stream = device.make_stream(false);
    const std::vector<float> mine{1.5F, -2.0F, 3.0F};
    using Result = std::vector<float>;
    std::vector<Result> results(6, Result(3, 0.0F));
    const auto all = [&] {
        alone.reduce(mine.data(), results[0].data(), 3, DType::f32, ReduceOp::sum, 0, *stream);
        alone.reduce_scatter(mine.data(), results[1].data(), 3, DType::f32, ReduceOp::avg, *stream);
        alone.all_to_all(mine.data(), results[2].data(), 3, DType::f32, *stream);
        alone.gather(mine.data(), results[3].data(), 3, DType::f32, 0, *stream);
        alone.scatter(mine.data(), results[4].data(), 3, DType::f32, 0, *stream);
        alone.all_gather(mine.data(), results[5].data(), 3, DType::f32, *stream);
    };
    all();
    for (const auto& result : results) CHECK(result == mine);
    results.assign(6, Result(3, 0.0F));
    alone.group([&] {
        all();
        for (const auto& result : results) CHECK(result == Result(3, 0.0F));
    });
    for (const auto& result : results) CHECK(result == mine);
}

TEST_CASE("comm: alone, a message goes from the rank to itself inside a group") {
    warpstep::device::host::HostDevice device(1);
    SoloCommunicator alone(device);
    const auto stream = device.make_stream(false);
    const auto other = device.make_stream(false);
    const std::vector<int> sent{1, 2};
    std::vector<int> received(2, 0);
    alone.group([&] {
        alone.recv(&received[0], 1, DType::i32, 0, *other);
        alone.recv(&received[1], 1, DType::i32, 0, *stream);
        alone.send(&sent[0], 1, DType::i32, 0, *stream);
        alone.send(&sent[1], 1, DType::i32, 0, *stream);
    });
    CHECK(received == sent);
    int value = 0;
    CHECK_THROWS_AS(alone.send(&value, 1, DType::i32, 0, *stream), warpstep::LogicError);
    CHECK_THROWS_AS(alone.group([&] { alone.send(&value, 1, DType::i32, 0, *stream); }),
                    warpstep::LogicError);
    CHECK_THROWS_AS(alone.group([&] { alone.group([] {}); }), warpstep::LogicError);
}

TEST_CASE("comm: alone, a split gives one part of one rank, or none") {
    warpstep::device::host::HostDevice device(1);
    SoloCommunicator alone(device);
    CHECK(alone.split(-1, 0) == nullptr);
    CHECK(alone.split(3, 0)->size() == 1);
}
