// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/sampler.hpp"

namespace warpstep::execution {
namespace {

constexpr std::size_t most_events = 512;

}  // namespace

Sampler::Sampler(device::Device& device)
    : device_(device), host_(device.facts().kind == device::Kind::host) {}

void Sampler::begin(device::Stream& stream) {
    if (host_) {
        mark_ = Clock::now();
        return;
    }
    last_ = mark(stream);
}

void Sampler::end(device::Stream& stream) {
    if (host_) {
        const auto now = Clock::now();
        samples_.add(std::chrono::duration<double>(now - mark_).count());
        mark_ = now;
        return;
    }
    const std::size_t now = mark(stream);
    pending_.emplace_back(last_, now);
    last_ = now;
}

std::size_t Sampler::mark(device::Stream& stream) {
    if (used_ == most_events) drain();
    if (used_ == events_.size()) events_.push_back(device_.make_event());
    events_[used_]->record(stream);
    return used_++;
}

// The last event stays, because the next sample may begin there.
void Sampler::drain() {
    for (const auto& [from, to] : pending_) {
        events_[to]->synchronize();
        samples_.add(events_[to]->seconds_since(*events_[from]));
    }
    pending_.clear();
    if (used_ == 0) return;
    std::swap(events_[0], events_[last_]);
    last_ = 0;
    used_ = 1;
}

const std::vector<double>& Sampler::seconds() {
    drain();
    return samples_.kept();
}

}  // namespace warpstep::execution
