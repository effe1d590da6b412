// SPDX-License-Identifier: Apache-2.0
// Which end of bad pairs is to blame. Pure.
#pragma once

#include <string>
#include <vector>

namespace warpstep::check {

struct Pair {
    std::string a, b;
    bool bad = false;
};

struct Blame {
    std::vector<std::string>
        members;             ///< in every bad pair of theirs and in most pairs they are in
    std::vector<Pair> lone;  ///< bad pairs that no member explains: the way between them
};

/// A member is to blame when it is in at least two bad pairs and most of its pairs are bad; the one
/// with the most bad pairs first, until the rest are pairs on their own.
Blame blame_for(std::vector<Pair> pairs);

}  // namespace warpstep::check
