// SPDX-License-Identifier: Apache-2.0
// Which rows a member has read, epoch by epoch, so that members together can tell whether every
// sample was seen exactly once.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace warpstep::data {

class SeenRows {
  public:
    /// What is marked row by row, in bits for all epochs together: one epoch of 2^24 rows, or many
    /// of a small table. It makes the answer exact; later epochs are told by two 64-bit sums of
    /// hashes and a count.
    static constexpr std::int64_t marked_rows = 1 << 24;

    explicit SeenRows(std::int64_t rows) : rows_(rows) {}
    void begin_epoch();
    /// Rows of the current epoch that this member has read.
    void add(const std::int64_t* rows, std::int64_t count);
    /// Rows that `uneven: wrap` reads once more.
    void add_repeated(std::int64_t count) { repeated_ += static_cast<std::uint64_t>(count); }

    /// What the members add up, element by element, to tell: of all epochs together, and the bits
    /// of those that are marked row by row (may be empty).
    std::vector<std::int64_t> totals(int member, int members) const;
    const std::vector<std::int64_t>& marks() const { return marks_; }
    /// Whether these sums over all members are those of rows seen once each, `expected_repeats` of
    /// an epoch aside.
    bool totals_are_full(const std::vector<std::int64_t>& sums, int members,
                         std::int64_t expected_repeats) const;
    bool marks_are_full(const std::vector<std::int64_t>& sums) const;

  private:
    static constexpr std::int64_t bits = 32;  ///< of a word that are used
    std::int64_t words() const { return (rows_ + bits - 1) / bits; }
    void mark(const std::int64_t* rows, std::int64_t count);

    std::int64_t rows_;
    std::uint64_t epochs_ = 0, count_ = 0, repeated_ = 0;
    std::array<std::uint64_t, 2> weights_{};  ///< of the current epoch, unless it is marked
    std::array<std::uint64_t, 2> weight_sums_{}, sums_{};
    std::vector<std::int64_t> marks_;  ///< words() for each epoch that is marked
    bool marking_ = false, marked_twice_ = false;
};

}  // namespace warpstep::data
