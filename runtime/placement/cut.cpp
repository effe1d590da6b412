// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/cut.hpp"

#include <algorithm>
#include <limits>

#include "runtime/base/error.hpp"

namespace warpstep::placement {

namespace {

constexpr int impossible = std::numeric_limits<int>::max() / 2;

/// Dynamic program over (blocks still to cut, first thing not yet looked at).
class Table {
  public:
    Table(const std::vector<int>& seams, int things, const Cut& cut)
        : cut_(cut), things_(things), before_(static_cast<std::size_t>(things) + 1) {
        for (std::size_t i = 1; i < static_cast<std::size_t>(things); ++i)
            before_[i + 1] = before_[i] + seams[i - 1];
        const std::size_t row = static_cast<std::size_t>(things) + 1;
        price_.assign(static_cast<std::size_t>(cut.blocks) + 1, std::vector<int>(row, impossible));
        for (int i = things; i >= 0; --i)
            price_[0][index(i)] = i == things || cut.may_skip ? 0 : impossible;
        for (int blocks = 1; blocks <= cut.blocks; ++blocks)
            for (int i = things; i >= 0; --i) price_[index(blocks)][index(i)] = best(blocks, i);
    }

    int price(int blocks, int i) const { return price_[index(blocks)][index(i)]; }

    /// The price from here on when the next block begins at i with this size.
    int price_of_taking(int blocks, int i, int size) const {
        if (size < 1 || i + size > things_) return impossible;
        return std::min(impossible, inner(i, size) + price(blocks - 1, i + size));
    }

  private:
    static std::size_t index(int i) { return static_cast<std::size_t>(i); }

    /// The seams inside a block.
    int inner(int first, int size) const {
        return before_[index(first + size)] - before_[index(first + 1)];
    }

    int best(int blocks, int i) const {
        int price = cut_.may_skip && i < things_ ? price_[index(blocks)][index(i + 1)] : impossible;
        for (const int size : {cut_.max_size, cut_.min_size})
            price = std::min(price, price_of_taking(blocks, i, size));
        return price;
    }

    const Cut& cut_;
    int things_;
    std::vector<int> before_;  ///< price of all seams up to thing i - 1
    std::vector<std::vector<int>> price_;
};

}  // namespace

std::vector<Block> cut_row(const std::vector<int>& seams, int things, const Cut& cut) {
    const Table table(seams, things, cut);
    if (table.price(cut.blocks, 0) >= impossible)
        fail<LogicError>("cannot cut {} things into {} blocks of {} to {}", things, cut.blocks,
                         cut.min_size, cut.max_size);
    std::vector<Block> blocks;
    int i = 0;
    for (int left = cut.blocks; left > 0;) {
        const int price = table.price(left, i);
        int size = 0;
        for (const int candidate : {cut.min_size, cut.max_size})
            if (table.price_of_taking(left, i, candidate) == price) size = candidate;
        if (size == 0) {
            ++i;  // cheaper to leave this one out
            continue;
        }
        blocks.push_back({i, size});
        i += size;
        --left;
    }
    return blocks;
}

}  // namespace warpstep::placement
