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

class CountedDevice final : public device::Device {
  public:
    const device::Facts& facts() const override { return facts_; }
    std::unique_ptr<device::Buffer> allocate(std::size_t bytes, device::Memory) override {
        return std::make_unique<test::FakeBuffer>(bytes);
    }
    std::unique_ptr<device::Stream> make_stream(bool) override {
        return std::make_unique<test::FakeStream>();
    }
    std::unique_ptr<device::Event> make_event() override {
        ++events;
        return std::make_unique<CountedEvent>(now);
    }
    void copy(void*, const void*, std::size_t, device::Stream&) override {}
    std::uint64_t free_memory() const override { return 0; }

    int now = 0, events = 0;

  private:
    device::Facts facts_;
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
