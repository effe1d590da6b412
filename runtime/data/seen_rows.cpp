// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/seen_rows.hpp"

#include <algorithm>

#include "runtime/data/random.hpp"

namespace warpstep::data {
namespace {

constexpr std::uint64_t row_seed = 0x5ee, epoch_seed = 0xe90c;

// Sums modulo 2^64 travel as two halves, because the sum of signed numbers may not overflow.
void push_halves(std::vector<std::int64_t>& to, std::uint64_t value) {
    to.push_back(static_cast<std::int64_t>(value & 0xffffffff));
    to.push_back(static_cast<std::int64_t>(value >> 32));
}
std::uint64_t from_halves(const std::vector<std::int64_t>& from, std::size_t index) {
    return static_cast<std::uint64_t>(from[2 * index]) +
           (static_cast<std::uint64_t>(from[2 * index + 1]) << 32);
}

}  // namespace

void SeenRows::begin_epoch() {
    ++epochs_;
    const auto marked = static_cast<std::int64_t>(marks_.size());
    marking_ = rows_ <= marked_rows && (marked + words()) * bits <= marked_rows + bits;
    if (marking_) {
        marks_.resize(static_cast<std::size_t>(marked + words()));
        return;
    }
    for (std::size_t k = 0; k < 2; ++k) {
        weights_[k] = random_bits(epoch_seed + k, epochs_) | 1;
        weight_sums_[k] += weights_[k];
    }
}

void SeenRows::add(const std::int64_t* rows, std::int64_t count) {
    count_ += static_cast<std::uint64_t>(count);
    if (marking_) {
        mark(rows, count);
        return;
    }
    std::array<std::uint64_t, 2> sums{};
    for (std::int64_t i = 0; i < count; ++i) {
        const auto row = static_cast<std::uint64_t>(rows[i]);
        sums[0] += random_bits(row_seed, row);
        sums[1] += random_bits(row_seed + 1, row);
    }
    for (std::size_t k = 0; k < 2; ++k) sums_[k] += weights_[k] * sums[k];
}

void SeenRows::mark(const std::int64_t* rows, std::int64_t count) {
    std::int64_t* const marks = marks_.data() + marks_.size() - words();
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t& word = marks[rows[i] / bits];
        const std::int64_t mark = std::int64_t{1} << rows[i] % bits;
        marked_twice_ = marked_twice_ || (word & mark) != 0;
        word |= mark;
    }
}

std::vector<std::int64_t> SeenRows::totals(int member, int members) const {
    // The hashes of all rows, each member computing its part, when there are epochs of hashes.
    std::array<std::uint64_t, 2> expected{};
    const auto part = [&](int m) { return rows_ / members * m + rows_ % members * m / members; };
    const std::int64_t end = weight_sums_[0] != 0 ? part(member + 1) : part(member);
    for (std::int64_t row = part(member); row < end; ++row) {
        for (std::size_t k = 0; k < 2; ++k) {
            expected[k] += random_bits(row_seed + k, static_cast<std::uint64_t>(row));
        }
    }
    std::vector<std::int64_t> totals;
    for (const std::uint64_t value :
         {epochs_, static_cast<std::uint64_t>(marked_twice_), count_, repeated_, sums_[0], sums_[1],
          expected[0] * weight_sums_[0], expected[1] * weight_sums_[1]}) {
        push_halves(totals, value);
    }
    return totals;
}

// Adding up words instead of joining them proves more: a sum with all bits needs at least as many
// marks as there are bits, and with no more marks than rows in total, each must be there once.
bool SeenRows::marks_are_full(const std::vector<std::int64_t>& sums) const {
    const std::int64_t per_epoch = words();
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const std::int64_t first = static_cast<std::int64_t>(i) % per_epoch * bits;
        const std::int64_t rows = std::min(bits, rows_ - first);
        if (sums[i] != (std::int64_t{1} << rows) - 1) return false;
    }
    return true;
}

bool SeenRows::totals_are_full(const std::vector<std::int64_t>& sums, int members,
                               std::int64_t expected_repeats) const {
    const auto times = [&](std::int64_t rows) {
        return epochs_ * static_cast<std::uint64_t>(rows);
    };
    return from_halves(sums, 0) == times(members) && from_halves(sums, 1) == 0 &&
           from_halves(sums, 2) == times(rows_) &&
           from_halves(sums, 3) == times(expected_repeats) &&
           from_halves(sums, 4) == from_halves(sums, 6) &&
           from_halves(sums, 5) == from_halves(sums, 7);
}

}  // namespace warpstep::data
