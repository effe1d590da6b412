// SPDX-License-Identifier: Apache-2.0
// Bytes between two ranks of a node: a ring in shared memory for each ordered pair.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/comm/host/node_area.hpp"

namespace warpstep::comm::host {

/// The ends of all rings that begin or end at this rank. Nothing here blocks but sleep(). One
/// thread per rank.
class LocalLanes {
  public:
    /// `area` must outlive it.
    LocalLanes(NodeArea& area, int local_rank);

    /// As much as there is room for, often 0. Errors: std::system_error when the first use of a
    /// ring finds no shared memory.
    std::size_t write(int to, const std::byte* data, std::size_t bytes);
    /// As much as has arrived, often 0.
    std::size_t read(int from, std::byte* data, std::size_t bytes);

    /// Changes whenever a peer has written to this rank or made room for it.
    std::uint32_t bell() const;
    /// Until bell() is not `seen` any more, or the span is over.
    void sleep(std::uint32_t seen, std::chrono::milliseconds span);

  private:
    void ring(int local_rank);

    NodeArea& area_;
    int local_rank_;
    std::vector<bool> committed_;  ///< by receiver
};

}  // namespace warpstep::comm::host
