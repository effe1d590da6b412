// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/wholly_near.hpp"

#include <algorithm>
#include <numeric>

namespace warpstep::placement {

namespace {

/// More than all subsets of 8 tasks.
constexpr int most_tries = 1000;

bool nested_or_apart(const Wish& a, const Wish& b) {
    bool only_a = false, only_b = false, both = false;
    for (std::size_t pool = 0; pool < a.size(); ++pool) {
        only_a = only_a || (a[pool] == 0 && b[pool] != 0);
        only_b = only_b || (a[pool] != 0 && b[pool] == 0);
        both = both || (a[pool] == 0 && b[pool] == 0);
    }
    return !both || !only_a || !only_b;
}

bool is_laminar(const std::vector<Party>& parties) {
    for (std::size_t a = 0; a < parties.size(); ++a)
        for (std::size_t b = 0; b < a; ++b)
            if (!nested_or_apart(parties[a].wish, parties[b].wish)) return false;
    return true;
}

/// Depth first over the parties: as many as possible of each first, then fewer.
class Search {
  public:
    Search(const std::vector<Party>& parties, int cores)
        : parties_(parties),
          cores_(cores),
          first_is_best_(is_laminar(parties)),
          served_(parties.size()),
          best_(parties.size()),
          left_from_(parties.size() + 1) {
        for (std::size_t i = parties.size(); i > 0; --i)
            left_from_[i - 1] = left_from_[i] + parties[i - 1].tasks;
    }

    std::vector<int> run(const Pools& pools) {
        look(0, 0, pools);
        return best_;
    }

  private:
    void look(std::size_t party, int total, const Pools& pools) {
        if (total + left_from_[party] <= best_total_ || ++tries_ > most_tries) return;
        if (party == parties_.size()) {
            best_ = served_;
            best_total_ = total;
            return;
        }
        std::vector<Pools> after{pools};
        while (static_cast<int>(after.size()) <= parties_[party].tasks) {
            Pools next = after.back();
            if (!next.give(static_cast<int>(party), cores_)) break;
            after.push_back(std::move(next));
        }
        for (std::size_t count = after.size(); count-- > 0;) {
            served_[party] = static_cast<int>(count);
            look(party + 1, total + served_[party], after[count]);
            if (first_is_best_) return;
        }
    }

    const std::vector<Party>& parties_;
    int cores_;
    bool first_is_best_;
    std::vector<int> served_, best_;
    std::vector<int> left_from_;  ///< tasks of this party and the later ones
    int best_total_ = -1;
    int tries_ = 0;
};

}  // namespace

std::vector<int> wholly_near(const std::vector<Party>& parties,
                             const std::vector<Capacity>& capacity, int cores) {
    std::vector<std::vector<Price>> rows;
    for (const Party& party : parties) rows.push_back(party.wish);
    Pools pools(rows, capacity);
    for (int group = 0; group < pools.groups(); ++group) pools.limit(group, 0);
    return Search(parties, cores).run(pools);
}

}  // namespace warpstep::placement
