// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/pools.hpp"

#include <algorithm>
#include <numeric>

namespace warpstep::placement {

Pools::Pools(std::vector<std::vector<Reach>> distance, std::vector<int> capacity)
    : distance_(std::move(distance)),
      capacity_(std::move(capacity)),
      reach_(distance_.size(), Reach::near),
      held_(distance_.size(), std::vector<int>(capacity_.size())),
      used_(capacity_.size()),
      order_(capacity_.size()) {
    std::vector<int> wanted(capacity_.size());
    for (const auto& row : distance_)
        for (std::size_t pool = 0; pool < row.size(); ++pool)
            wanted[pool] += row[pool] == Reach::near;
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int a, int b) { return wanted[at(a)] < wanted[at(b)]; });
}

int Pools::held(int task) const {
    return std::accumulate(held_[at(task)].begin(), held_[at(task)].end(), 0);
}

void Pools::take_all(int task) {
    for (int pool = 0; pool < pools(); ++pool) {
        used_[at(pool)] -= held(task, pool);
        held_[at(task)][at(pool)] = 0;
    }
}

bool Pools::give(int task) {
    // Breadth first over pools: a full pool leads to those that one of its holders could move to.
    struct Step {
        int pool, mover, from;
    };
    std::vector<Step> path_to(capacity_.size(), {-1, -1, -1});
    std::vector<int> queue;
    const auto visit = [&](int mover, int from) {
        for (const int pool : order_)
            if (path_to[at(pool)].pool < 0 && reaches(mover, pool)) {
                path_to[at(pool)] = {pool, mover, from};
                queue.push_back(pool);
            }
    };
    visit(task, -1);
    for (std::size_t next = 0; next < queue.size(); ++next) {
        const int pool = queue[next];
        if (!has_room(pool)) {
            for (int holder = 0; holder < tasks(); ++holder)
                if (held(holder, pool) > 0) visit(holder, pool);
            continue;
        }
        ++used_[at(pool)];
        for (int to = pool; to >= 0; to = path_to[at(to)].from) {
            const Step& step = path_to[at(to)];
            ++held_[at(step.mover)][at(to)];
            if (step.from >= 0) --held_[at(step.mover)][at(step.from)];
        }
        return true;
    }
    return false;
}

}  // namespace warpstep::placement
