// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/task_members.hpp"

#include <doctest/doctest.h>

#include <array>
#include <numeric>

#include "runtime/base/error.hpp"
#include "tests/support/several_devices.hpp"

using namespace warpstep;
using comm::Communicator;
using comm::ReduceOp;
using Values = std::vector<double>;

namespace {

constexpr int members = 3;

/// Calls an operation for every member, in their order, with vectors of its own.
class Members {
  public:
    Members() : devices_(members), machines_(devices_.machines()) {
        stream_ = machines_[0].device.make_stream();
    }
    template <typename Call>
    std::vector<Values> operator()(std::size_t send, std::size_t recv, Call&& call) {
        std::vector<Values> sent(members), received(members, Values(recv, -1));
        for (std::size_t m = 0; m < members; ++m) {
            sent[m].resize(send);
            std::iota(sent[m].begin(), sent[m].end(), 10.0 * static_cast<double>(m));
            call(machines_[m].communicator, sent[m].data(), received[m].data(), *stream_);
        }
        return received;
    }
    Communicator& of(std::size_t member) { return machines_[member].communicator; }
    device::Stream& stream() { return *stream_; }

  private:
    test::SeveralDevices devices_;
    std::vector<execution::Machine> machines_;
    std::unique_ptr<device::Stream> stream_;
};

}  // namespace

TEST_CASE("comm: the devices of a task are members in their order") {
    Members all;
    for (std::size_t m = 0; m < members; ++m) {
        CHECK(all.of(m).rank() == static_cast<int>(m));
        CHECK(all.of(m).size() == members);
    }
}

TEST_CASE("comm: members of a task reduce") {
    Members all;
    const auto with = [&](ReduceOp op) {
        return all(2, 2, [&](Communicator& c, double* send, double* recv, device::Stream& s) {
            c.all_reduce(send, recv, 2, DType::f64, op, s);
        });
    };
    for (const auto& got : with(ReduceOp::sum)) CHECK(got == Values{30, 33});
    for (const auto& got : with(ReduceOp::avg)) CHECK(got == Values{10, 11});
    for (const auto& got : with(ReduceOp::max)) CHECK(got == Values{20, 21});
    for (const auto& got : with(ReduceOp::min)) CHECK(got == Values{0, 1});
    for (const auto& got : with(ReduceOp::prod)) CHECK(got == Values{0, 231});

    const auto one = all(2, 2, [](Communicator& c, double* send, double* recv, device::Stream& s) {
        c.reduce(send, recv, 2, DType::f64, ReduceOp::sum, 1, s);
    });
    CHECK(one == std::vector<Values>{{-1, -1}, {30, 33}, {-1, -1}});

    const auto parts =
        all(members, 1, [](Communicator& c, double* send, double* recv, device::Stream& s) {
            c.reduce_scatter(send, recv, 1, DType::f64, ReduceOp::sum, s);
        });
    CHECK(parts == std::vector<Values>{{30}, {33}, {36}});
}

TEST_CASE("comm: members of a task gather, scatter and exchange") {
    Members all;
    const auto gathered =
        all(1, members, [](Communicator& c, double* send, double* recv, device::Stream& s) {
            c.all_gather(send, recv, 1, DType::f64, s);
        });
    for (const auto& got : gathered) CHECK(got == Values{0, 10, 20});

    const auto at_root =
        all(1, members, [](Communicator& c, double* send, double* recv, device::Stream& s) {
            c.gather(send, recv, 1, DType::f64, 2, s);
        });
    CHECK(at_root == std::vector<Values>{{-1, -1, -1}, {-1, -1, -1}, {0, 10, 20}});

    const auto dealt =
        all(members, 1, [](Communicator& c, double* send, double* recv, device::Stream& s) {
            c.scatter(send, recv, 1, DType::f64, 1, s);
        });
    CHECK(dealt == std::vector<Values>{{10}, {11}, {12}});

    const auto exchanged =
        all(members, members, [](Communicator& c, double* send, double* recv, device::Stream& s) {
            c.all_to_all(send, recv, 1, DType::f64, s);
        });
    CHECK(exchanged == std::vector<Values>{{0, 10, 20}, {1, 11, 21}, {2, 12, 22}});

    const auto told = all(1, 1, [](Communicator& c, double* send, double* recv, device::Stream& s) {
        recv[0] = send[0];
        c.broadcast(recv, 1, DType::f64, 2, s);
    });
    CHECK(told == std::vector<Values>{{20}, {20}, {20}});
}

TEST_CASE("comm: nothing may wait before all members of a task have joined") {
    Members all;
    double x = 1;
    all.of(0).all_reduce(&x, &x, 1, DType::f64, ReduceOp::sum, all.stream());
    CHECK_THROWS_AS(all.of(0).wait(all.stream()), LogicError);
}

TEST_CASE("comm: messages and groups need tasks with one device") {
    Members all;
    double x = 1;
    CHECK_THROWS_WITH_AS(all.of(0).send(&x, 1, DType::f64, 1, all.stream()),
                         "messages between ranks need tasks with one device each (this task has "
                         "3); use gpus_per_task: 1",
                         ConfigError);
    CHECK_THROWS_AS(all.of(0).split(0, 0), ConfigError);
}
