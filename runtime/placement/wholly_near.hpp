// SPDX-License-Identifier: Apache-2.0
// Private to the room: which tasks have all of several cores near.
#pragma once

#include <vector>

#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

/// Tasks that wish for the same.
struct Party {
    Wish wish;
    int tasks = 0;
};

/// How many tasks of each party get `cores` near cores, so that as many as possible do.
/// Exact where near sets are nested or apart, as those of single GPUs are: then serving any task
/// that can still be served keeps the optimum in reach (a laminar matroid). Where they overlap
/// otherwise (several GPUs per task) all combinations are tried, up to a number that covers 8
/// tasks.
/// Source: Schrijver, Combinatorial Optimization, 2003, sections 39.4 and 40.1.
std::vector<int> wholly_near(const std::vector<Party>& parties,
                             const std::vector<Capacity>& capacity, int cores);

}  // namespace warpstep::placement
