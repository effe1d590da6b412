// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/spread.hpp"

#include <algorithm>

namespace warpstep::placement {

namespace {

/// The tasks seated so far. Every locality's next task is a shortest augmenting path away, so the
/// cheapest choice at each step is the cheapest in total.
class Seats {
  public:
    Seats(const Ground& ground, const std::vector<Capacity>& capacity, const Spread& wanted)
        : ground_(ground),
          wanted_(wanted),
          pools_(ground.wishes, capacity),
          taken_(ground.localities.size()) {
        // Several cores near, or the task does not count: what it takes elsewhere is no concern.
        if (wanted.cores_per_task > 1)
            for (int i = 0; i < count(); ++i) pools_.limit(i, 0);
        for (int i = 0; i < count(); ++i)
            for (int task = 0; task < wanted.base * gpus(i); ++task) seat(i);
    }

    std::vector<int> run() {
        for (int task = 0; task < wanted_.further; ++task) {
            const int best = best_locality();
            seat(best);
            ++taken_.at(static_cast<std::size_t>(best));
        }
        return taken_;
    }

  private:
    int count() const { return static_cast<int>(ground_.localities.size()); }
    const Locality& locality(int i) const {
        return ground_.localities[static_cast<std::size_t>(i)];
    }
    int gpus(int i) const { return static_cast<int>(locality(i).gpus.size()); }
    int taken(int i) const { return taken_[static_cast<std::size_t>(i)]; }
    bool seat(int i) { return pools_.give(i, wanted_.cores_per_task); }

    Price price(int i) const {
        if (wanted_.cores_per_task == 1) return pools_.price_of_next(i).value_or(never);
        return Pools(pools_).give(i, wanted_.cores_per_task) ? 0 : far_away;
    }

    bool roomier(int a, int b) const {
        const auto tasks = [&](int i) { return long{gpus(i)} * wanted_.base + taken(i) + 1; };
        return locality(a).cores * tasks(b) > locality(b).cores * tasks(a);
    }

    int best_locality() const {
        int best = -1;
        Price least = never;
        for (int i = 0; i < count(); ++i) {
            if (taken(i) == gpus(i)) continue;
            const Price asked = price(i);
            if (best >= 0 && (asked > least || (asked == least && !roomier(i, best)))) continue;
            best = i;
            least = asked;
        }
        return best;
    }

    const Ground& ground_;
    const Spread& wanted_;
    Pools pools_;
    std::vector<int> taken_;
};

}  // namespace

std::vector<int> spread(const Ground& ground, const std::vector<Capacity>& capacity,
                        const Spread& wanted) {
    return Seats(ground, capacity, wanted).run();
}

}  // namespace warpstep::placement
