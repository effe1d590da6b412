// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/sampler.hpp"

#include <doctest/doctest.h>

#include "tests/support/fake_device.hpp"

using namespace warpstep;

namespace {

// Events that count: one second from each record to the next.
class CountedEvent final : public device::Event {
  public:
    explicit CountedEvent(int& now) : now_(now) {}
    void record(device::Stream&) override { at_ = now_++; }
    void synchronize() override {}
    double seconds_since(const Event& earlier) const override {
        return at_ - static_cast<const CountedEvent&>(earlier).at_;
    }

  private:
    int& now_;
    int at_ = 0;
};

class CountedDevice final : public test::FakeDevice {
  public:
    CountedDevice() { facts_.kind = device::Kind::cuda; }  // the host reads the clock instead
    std::unique_ptr<device::Event> make_event() override {
        ++events;
        return std::make_unique<CountedEvent>(now);
    }
    int now = 0, events = 0;
};

}  // namespace

TEST_CASE("execution: every sample is kept although events are used again") {
    CountedDevice device;
    test::FakeStream stream;
    execution::Sampler sampler(device);
    CHECK(sampler.seconds().empty());
    for (int i = 0; i < 1000; ++i) {
        sampler.begin(stream);
        device.now += i;  // the work
        sampler.end(stream);
    }
    const auto& seconds = sampler.seconds();
    REQUIRE(seconds.size() == 1000);
    for (std::size_t i = 0; i < 1000; ++i) REQUIRE(seconds[i] == static_cast<double>(i + 1));
    CHECK(device.events <= 512);
    CHECK(sampler.seconds().size() == 1000);
}

TEST_CASE("execution: pieces that follow each other share the event between them") {
    CountedDevice device;
    test::FakeStream stream;
    execution::Sampler sampler(device);
    sampler.begin(stream);
    for (int i = 0; i < 2000; ++i) {
        device.now += i;
        sampler.end(stream);
        if (i == 1500) CHECK(sampler.seconds().size() == 1501);
    }
    const auto& seconds = sampler.seconds();
    REQUIRE(seconds.size() == 2000);
    for (std::size_t i = 0; i < 2000; ++i) REQUIRE(seconds[i] == static_cast<double>(i + 1));
    CHECK(device.now == 2001 + 1999 * 2000 / 2);
}

TEST_CASE("execution: on the host a sample is the time between two readings of the clock") {
    test::FakeDevice device;
    test::FakeStream stream;
    execution::Sampler sampler(device);
    sampler.begin(stream);
    for (int i = 0; i < 3; ++i) sampler.end(stream);
    REQUIRE(sampler.seconds().size() == 3);
    for (const double seconds : sampler.seconds()) CHECK(seconds >= 0);
}

TEST_CASE("execution: a million samples are thinned evenly and keep their order") {
    execution::Samples samples;
    constexpr int all = 1'000'000;
    for (int i = 0; i < all; ++i) samples.add(i);
    const auto& kept = samples.kept();
    CHECK(kept.size() <= execution::Samples::most);
    REQUIRE(kept.size() > execution::Samples::most / 4);
    const double stride = kept[1] - kept[0];
    for (std::size_t i = 0; i < kept.size(); ++i) {
        REQUIRE(kept[i] == stride * static_cast<double>(i));
    }
    CHECK(kept.back() + stride >= all);
}
