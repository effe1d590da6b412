// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/solo_communicator.hpp"

#include <doctest/doctest.h>

#include <vector>

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
