// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/finite_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "runtime/base/dtype.hpp"

namespace warpstep::execution {
namespace {

using namespace std::chrono_literals;

constexpr int share = 100;  // of the time: one part is spent on looking
constexpr std::int64_t elements_at_once = 1024 * 1024;
constexpr std::int64_t longest_stride = 1024 * 1024;

// Before one was measured: a start, and memory that is read at 1 GB/s.
FiniteWatch::Clock::duration cost_of(const plan::RankPlan& plan) {
    std::size_t bytes = 0;
    for (const auto& watched : plan.watched) {
        for (const auto& buffer : plan.buffers) {
            if (buffer.name == watched.buffer) bytes += buffer.bytes();
        }
    }
    return 20us + std::chrono::nanoseconds(bytes);
}

struct Odd {
    std::int64_t index;
    double value;
};

std::optional<Odd> first_odd(const std::vector<char>& bytes, DType dtype) {
    return with_type(dtype, [&](auto zero) -> std::optional<Odd> {
        using T = decltype(zero);
        for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
            T value;
            std::memcpy(&value, bytes.data() + at, sizeof(T));
            const auto number = static_cast<double>(value);
            if (!std::isfinite(number))
                return Odd{static_cast<std::int64_t>(at / sizeof(T)), number};
        }
        return std::nullopt;
    });
}

}  // namespace

FiniteWatch::FiniteWatch(const plan::RankPlan& plan)
    : finite_(plan.watched), cost_(cost_of(plan)) {}

// Turns may be shorter than a look at the clock is worth.
bool FiniteWatch::due() {
    if (finite_.empty() || --left_ > 0) return false;
    const auto now = Clock::now();
    stride_ = now - asked_ < 100us ? std::min(2 * stride_, longest_stride)
                                   : std::max<std::int64_t>(1, stride_ / 2);
    left_ = stride_;
    asked_ = now;
    return now - looked_ >= share * cost_;
}

void FiniteWatch::look(const std::vector<Lane>& lanes, const std::string& when) {
    const auto start = Clock::now();
    std::erase_if(finite_, [&](const plan::WatchedBuffer& watched) {
        return std::any_of(lanes.begin(), lanes.end(),
                           [&](const Lane& lane) { return look_at(watched, lane, when); });
    });
    looked_ = Clock::now();
    cost_ = looked_ - start;
}

bool FiniteWatch::look_at(const plan::WatchedBuffer& watched, const Lane& lane,
                          const std::string& when) {
    if (!lane.storage->has(watched.buffer)) return false;
    const plan::BufferPlan& plan = lane.storage->at(watched.buffer).plan;
    for (std::int64_t begin = 0; begin < plan.count; begin += elements_at_once) {
        const std::int64_t count = std::min(elements_at_once, plan.count - begin);
        const auto odd =
            first_odd(lane.storage->read(watched.buffer, begin, count, lane.stream()), plan.dtype);
        if (!odd) continue;
        found_[watched.buffer] = fmt::format("{} reads {}: {}[{}] is {}{}", watched.reader,
                                             watched.buffer, watched.buffer, begin + odd->index,
                                             std::isnan(odd->value) ? "NaN" : "infinite",
                                             when.empty() ? "" : ", first seen " + when);
        return true;
    }
    return false;
}

}  // namespace warpstep::execution
