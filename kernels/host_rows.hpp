// SPDX-License-Identifier: Apache-2.0
// Rows of a matrix on the cores of a task; private to the room.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels {

/// Calls body(begin, end) over disjoint pieces of [0, rows), where one row is as much work as
/// `work` elements of a vector. In parallel when that pays.
template <typename Body>
void for_rows(const device::host::Cores& cores, std::int64_t rows, std::int64_t work,
              const Body& body) {
    const std::int64_t units = std::clamp<std::int64_t>(work, 1, std::int64_t{1} << 20);
    // A row belongs to the piece in which it begins.
    const auto row_at = [=](std::int64_t unit) { return (unit + units - 1) / units; };
    cores.for_range(rows * units, [&](std::int64_t begin, std::int64_t end) {
        if (row_at(begin) < row_at(end)) body(row_at(begin), row_at(end));
    });
}

}  // namespace warpstep::kernels
