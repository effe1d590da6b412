// SPDX-License-Identifier: Apache-2.0
// Private to the room: where tasks of one GPU each go when there is a choice.
#pragma once

#include <vector>

#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

struct Spread {
    int base = 0;            ///< tasks on every GPU
    int further = 0;         ///< tasks beyond, at most one on a GPU
    int cores_per_task = 1;  ///< that each task wants near
};

/// How many of the further tasks each locality takes. As many tasks as possible have their cores
/// near, and with one core each the distance of the others is the least in total; of equals the
/// locality with most allowed cores per task is taken.
std::vector<int> spread(const Ground& ground, const std::vector<Capacity>& capacity,
                        const Spread& wanted);

}  // namespace warpstep::placement
