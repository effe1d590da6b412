// SPDX-License-Identifier: Apache-2.0
// Private to the room: cutting a row of things into one block per task.
#pragma once

#include <vector>

namespace warpstep::placement {

struct Block {
    int first = 0, size = 0;
};

/// What a cut may look like: `blocks` consecutive blocks of min_size or max_size things (at most
/// one apart).
struct Cut {
    int blocks = 1;
    int min_size = 1, max_size = 1;
    bool may_skip = false;  ///< things may be left out between blocks and at the ends
};

/// The blocks that run over the cheapest seams; seams[i] is the price of keeping things i and i + 1
/// together. Of equals the earliest blocks are the larger ones. Without may_skip every thing lands
/// in a block. Errors: LogicError when the sizes do not fit the row.
std::vector<Block> cut_row(const std::vector<int>& seams, int things, const Cut& cut);

}  // namespace warpstep::placement
