// SPDX-License-Identifier: Apache-2.0
// Loops of the host over parts of fixed size, so that results do not depend on the number of cores.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

constexpr std::int64_t part_elements = std::int64_t{1} << 16;

inline std::int64_t parts_of(std::int64_t n) {
    return (n + part_elements - 1) / part_elements;
}

/// Calls body(part, begin, end) for every part of [0, n), in parallel.
template <typename Body>
void for_parts(std::int64_t n, const device::host::Cores& cores, const Body& body) {
    // The cores cut a range by its length alone, and parts are few but long.
    cores.for_range(n, [&](std::int64_t begin, std::int64_t end) {
        const std::int64_t last = (end + part_elements - 1) / part_elements;
        for (std::int64_t part = (begin + part_elements - 1) / part_elements; part < last; ++part) {
            const std::int64_t first = part * part_elements;
            body(part, first, std::min(n, first + part_elements));
        }
    });
}

}  // namespace warpstep::kernels
