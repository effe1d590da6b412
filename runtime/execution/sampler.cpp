// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/sampler.hpp"

namespace warpstep::execution {
namespace {

constexpr std::size_t most_pending = 256;

}  // namespace

Sampler::Sampler(device::Device& device) : device_(device) {}

void Sampler::begin(device::Stream& stream) {
    if (pending_ == most_pending) drain();
    if (pending_ == pairs_.size()) pairs_.push_back({device_.make_event(), device_.make_event()});
    pairs_[pending_].begin->record(stream);
}

void Sampler::end(device::Stream& stream) {
    pairs_[pending_++].end->record(stream);
}

void Sampler::drain() {
    for (std::size_t i = 0; i < pending_; ++i) {
        pairs_[i].end->synchronize();
        seconds_.push_back(pairs_[i].end->seconds_since(*pairs_[i].begin));
    }
    pending_ = 0;
}

const std::vector<double>& Sampler::seconds() {
    drain();
    return seconds_;
}

}  // namespace warpstep::execution
