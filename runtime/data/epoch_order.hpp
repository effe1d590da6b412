// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/data/random.hpp"

namespace warpstep::data {

/// The order in which an epoch visits the rows: at(position) is a row, every row once. Up to
/// listed_rows it is a list; above, each place is computed, so that no rank holds the order of a
/// table that it reads a part of.
class EpochOrder {
  public:
    static constexpr std::int64_t listed_rows = 1 << 20;

    /// Nothing as seed: file order.
    EpochOrder(std::optional<std::uint64_t> seed, std::int64_t rows) {
        if (seed && rows <= listed_rows) list_ = random_permutation(*seed, rows);
        if (seed && rows > listed_rows) computed_.emplace(*seed, rows);
    }
    std::int64_t at(std::int64_t position) const {
        if (computed_) return (*computed_)(position);
        return list_.empty() ? position : list_[static_cast<std::size_t>(position)];
    }

  private:
    std::vector<std::int64_t> list_;
    std::optional<RandomBijection> computed_;
};

}  // namespace warpstep::data
