// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: what the files of the reductions share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#include "runtime/comm/host/elementwise.hpp"
#include "runtime/comm/host/host_communicator.hpp"

namespace warpstep::comm::host {

struct HostCommunicator::Reduction {
    const std::byte* send;
    std::byte* recv;
    std::size_t count;
    DType dtype;
    ReduceOp op;
    std::optional<int> root;  ///< who takes the result; nothing: all

    std::size_t width() const { return size_of(dtype); }
    std::size_t bytes() const { return count * width(); }
    bool taken_by(int rank) const { return !root || *root == rank; }
};

constexpr std::size_t block_bytes = 8 * 1024;  // stays in the first-level cache

struct Slice {
    std::size_t begin, end;
};

// Cut at cache lines, so that no two ranks write to one.
inline Slice slice_of(std::size_t count, std::size_t width, int parts, int part) {
    const std::size_t line = 64 / width;
    const std::size_t lines = (count + line - 1) / line;
    const auto cut = [&](int i) {
        const auto of = static_cast<std::size_t>(parts);
        return std::min(count, lines * static_cast<std::size_t>(i) / of * line);
    };
    return {cut(part), cut(part + 1)};
}

// `out` overlaps no source.
inline void reduce_all(DType dtype, ReduceOp op, void* out,
                       const std::vector<const std::byte*>& sources, std::size_t count) {
    combine(dtype, op, out, sources.data(), sources.size(), count);
}

}  // namespace warpstep::comm::host
