// SPDX-License-Identifier: Apache-2.0
// Private to the room: a fair hand-out of places to tasks, each of which may take places from some
// pools only.
#pragma once

#include <vector>

namespace warpstep::placement {

/// How far a pool is from a task, at most: a task takes places only from pools within its reach.
enum class Reach { near, numa, package, anywhere };

/// Places in pools, and how many of each every task holds. What a task holds may move between pools
/// within its reach to make room for another task (augmenting paths), so a task goes without only
/// if there is no arrangement that serves it.
class Pools {
  public:
    /// distance[task][pool]; capacity[pool].
    Pools(std::vector<std::vector<Reach>> distance, std::vector<int> capacity);

    void set_capacity(std::vector<int> capacity) { capacity_ = std::move(capacity); }
    void set_reach(int task, Reach reach) { reach_[at(task)] = reach; }
    bool reaches(int task, int pool) const {
        return distance_[at(task)][at(pool)] <= reach_[at(task)];
    }

    /// One more place for the task. False when no arrangement gives it one; nothing changes then.
    bool give(int task);
    /// Takes everything from the task.
    void take_all(int task);

    int tasks() const { return static_cast<int>(distance_.size()); }
    int pools() const { return static_cast<int>(capacity_.size()); }
    int held(int task, int pool) const { return held_[at(task)][at(pool)]; }
    int held(int task) const;

  private:
    static std::size_t at(int i) { return static_cast<std::size_t>(i); }
    bool has_room(int pool) const { return used_[at(pool)] < capacity_[at(pool)]; }

    std::vector<std::vector<Reach>> distance_;
    std::vector<int> capacity_;
    std::vector<Reach> reach_;
    std::vector<std::vector<int>> held_;
    std::vector<int> used_;
    std::vector<int> order_;  ///< pools, the ones that fewest tasks are near to first
};

}  // namespace warpstep::placement
