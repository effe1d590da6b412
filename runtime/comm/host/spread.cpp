// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/spread.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "runtime/base/host_clones.hpp"
#include "runtime/comm/host/processor.hpp"
#include "runtime/comm/host/reduce_ops.hpp"

namespace warpstep::comm::host {
namespace {

// Two cache lines: few enough to stay in registers, and as much as memory hands out at once.
constexpr std::size_t tile_bytes = 128;

template <bool divides, typename T>
T finish(T value, int divisor) {
    return divides ? static_cast<T>(value / divisor) : value;
}

template <typename T, std::size_t number>
struct Places {
    const T* from[number];
    T* to[number];
    explicit Places(const Spread& spread) {
        for (std::size_t k = 0; k < number; ++k) {
            from[k] = reinterpret_cast<const T*>(spread.sources[k]);
            to[k] = reinterpret_cast<T*>(spread.targets[k]);
        }
    }
};

template <typename Op, bool divides, typename T, std::size_t number>
WARPSTEP_HOST_CLONES void through_caches(const Spread& spread, std::size_t begin, std::size_t end) {
    const Places<T, number> places(spread);
    const int divisor = spread.divisor;
    WARPSTEP_ELEMENTS_APART
    for (std::size_t at = begin; at < end; ++at) {
        T value = places.from[0][at];
        for (std::size_t k = 1; k < number; ++k) value = Op::apply(value, places.from[k][at]);
        value = finish<divides>(value, divisor);
        for (std::size_t k = 0; k < number; ++k) places.to[k][at] = value;
    }
}

template <typename Op, bool divides, typename T, std::size_t number>
WARPSTEP_HOST_CLONES void around_caches(const Spread& spread, std::size_t begin, std::size_t end) {
    constexpr std::size_t tile = tile_bytes / sizeof(T);
    const Places<T, number> places(spread);
    const int divisor = spread.divisor;
    for (std::size_t at = begin; at < end; at += tile) {
        alignas(64) T sum[tile];
        for (std::size_t i = 0; i < tile; ++i) {
            T value = places.from[0][at + i];
            for (std::size_t k = 1; k < number; ++k) {
                value = Op::apply(value, places.from[k][at + i]);
            }
            sum[i] = finish<divides>(value, divisor);
        }
        for (std::size_t k = 0; k < number; ++k) stream_lines(places.to[k] + at, sum, tile_bytes);
    }
}

template <typename Op, bool divides, typename T>
bool pass(const Spread& spread, std::size_t begin, std::size_t end, bool around) {
    const auto of = [&](auto number) {
        constexpr std::size_t n = decltype(number)::value;
        if (around) {
            around_caches<Op, divides, T, n>(spread, begin, end);
        } else {
            through_caches<Op, divides, T, n>(spread, begin, end);
        }
        return true;
    };
    switch (spread.number) {
        case 2:
            return of(std::integral_constant<std::size_t, 2>{});
        case 3:
            return of(std::integral_constant<std::size_t, 3>{});
        case 4:
            return of(std::integral_constant<std::size_t, 4>{});
        default:
            return false;
    }
}

template <typename T>
bool pass(const Spread& spread, std::size_t begin, std::size_t end, bool around) {
    if (spread.divisor != 1) return pass<Sum, true, T>(spread, begin, end, around);
    bool done = false;
    with_op(spread.op,
            [&](auto op) { done = pass<decltype(op), false, T>(spread, begin, end, around); });
    return done;
}

}  // namespace

std::size_t spread(const Spread& spread, std::size_t begin, std::size_t end, bool around) {
    const std::size_t width = size_of(spread.dtype);
    const std::size_t tile = tile_bytes / width;
    const std::size_t stop = begin + (end - begin) / tile * tile;
    for (std::size_t k = 0; around && k < spread.number; ++k) {
        const auto first = reinterpret_cast<std::uintptr_t>(spread.targets[k] + begin * width);
        const auto* const* last = spread.sources + spread.number;
        // What has just been read for the sum is in the cache anyway.
        const bool read = std::find(spread.sources, last, spread.targets[k]) != last;
        around = first % 64 == 0 && !read;
    }
    const bool done = spread.dtype == DType::f32   ? pass<float>(spread, begin, stop, around)
                      : spread.dtype == DType::f64 ? pass<double>(spread, begin, stop, around)
                                                   : false;
    return done ? stop : begin;
}

}  // namespace warpstep::comm::host
