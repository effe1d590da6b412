// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl_roots.hpp"

#include <doctest/doctest.h>

#include <vector>

using warpstep::comm::nccl_roots;
using warpstep::comm::spread_roots;

namespace {

// The rule of NCCL's user guide, asked rank by rank.
bool has_root(int rank, int size, int roots) {
    const int longer = size % roots;
    const int shorter_length = size / roots;
    const int in_longer = longer * (shorter_length + 1);
    return rank < in_longer ? rank % (shorter_length + 1) == 0
                            : (rank - in_longer) % shorter_length == 0;
}

}  // namespace

TEST_CASE("comm: one root serves up to 256 ranks, then about 128 each") {
    CHECK(nccl_roots(1) == std::vector<int>{0});
    CHECK(nccl_roots(256) == std::vector<int>{0});
    CHECK(nccl_roots(257) == std::vector<int>{0, 86, 172});
    CHECK(nccl_roots(512) == std::vector<int>{0, 128, 256, 384});
    CHECK(nccl_roots(16384).size() == 128);
}

TEST_CASE("comm: roots lie where NCCL looks for them") {
    for (const int size : {1, 2, 7, 257, 258, 1000}) {
        for (const int roots : {1, 2, 3, 5, 8}) {
            if (roots > size) continue;
            std::vector<int> expected;
            for (int rank = 0; rank < size; ++rank) {
                if (has_root(rank, size, roots)) expected.push_back(rank);
            }
            CHECK(spread_roots(size, roots) == expected);
        }
    }
}
