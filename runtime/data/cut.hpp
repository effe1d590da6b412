// SPDX-License-Identifier: Apache-2.0
// How the rows of an epoch are cut into batches and shared out. Members are the devices that train
// together: rank * devices + device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/workload/workload.hpp"

namespace warpstep::data {

/// Places in the order of an epoch: first, first + stride, …; from the end on it begins anew
/// (`uneven: wrap`).
struct Places {
    std::int64_t first = 0, stride = 1, count = 0;
    std::int64_t all = 0;  ///< the batch's rows over all members
};

struct Cut {
    std::int64_t rows = 1;        ///< of the table
    std::int64_t batch_rows = 1;  ///< of one batch
    bool global_batch = true;     ///< batch_rows counts the rows of all members, else those of one
    std::optional<workload::Uneven> shard;  ///< nothing: every batch is split over the members

    /// Batches of one epoch, the same on all members; 0 when `drop` leaves nothing.
    std::int64_t turns(int members) const;
    /// The same. Errors: ConfigError with the name of the dataset where there are none.
    std::int64_t some_turns(int members, const std::string& dataset) const;
    /// What a member reads of batch `turn`. Shares of a split batch are disjoint, cover it and
    /// differ by at most one row; shares of sharded ones are equal.
    Places places(std::int64_t turn, int member, int members) const;
    /// The largest number of rows that places() gives any member.
    std::int64_t largest_share(int members) const;
    /// Rows that an epoch reads once more, because of `uneven: wrap`.
    std::int64_t repeats(int members) const;

  private:
    std::int64_t rows_per_turn(int members) const;
    std::int64_t rows_per_member(int members) const;
};

}  // namespace warpstep::data
