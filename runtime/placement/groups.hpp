// SPDX-License-Identifier: Apache-2.0
// Private to the room: how many cores of each pool go to which tasks.
#pragma once

#include <optional>
#include <vector>

#include "runtime/placement/wholly_near.hpp"
#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

/// Tasks that wish for the same and are equally near it: they divide what they hold evenly.
struct Group {
    int party = 0;            ///< equal for tasks that wish for the same
    std::vector<int> tasks;   ///< ascending
    std::vector<int> held;    ///< places per pool
    bool indifferent = true;  ///< all that it holds is equally near
};

struct Share {
    std::vector<std::vector<AllowedCore>> pools;  ///< cores that are alike for every task
    std::vector<Group> groups;                    ///< by first task
};

/// Every task gets one place at the least total price, so as many as possible are near and the
/// others are as little away as possible; then each gets more from places as near as what it has,
/// the poorest first, nobody two ahead of a task that wishes for the same. With `cores_per_task`
/// each gets exactly that: as many tasks as possible wholly near, the others at the least total
/// price.
Share share_cores(const Ground& ground, const std::vector<Wish>& wishes, Grain grain,
                  std::optional<int> cores_per_task);

}  // namespace warpstep::placement
