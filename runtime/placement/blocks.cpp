// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/blocks.hpp"

#include <algorithm>
#include <compare>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "runtime/placement/spread.hpp"
#include "runtime/placement/wholly_near.hpp"

namespace warpstep::placement {

namespace {

/// 8 GPUs in 8 localities fall into 420 ways at most.
constexpr int most_ways = 500, most_steps = 20000;

struct Score {
    int far = 0;  ///< tasks
    int boundaries = 0;
    Price distance = 0;
    long crowding = 0;
    auto operator<=>(const Score&) const = default;
};

int boundaries_in(const Ground& ground, const Composition& block) {
    constexpr int numa_boundary = 1, package_boundary = 4;
    std::set<int> packages;
    int localities = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        if (block[i] == 0) continue;
        ++localities;
        packages.insert(ground.localities[i].package);
    }
    return (localities - 1) * numa_boundary +
           (static_cast<int>(packages.size()) - 1) * package_boundary;
}

std::vector<Party> parties_of(const Ground& ground, const std::vector<Composition>& blocks) {
    std::map<Wish, int> tasks;
    for (const Composition& block : blocks) {
        std::vector<int> localities;
        for (std::size_t i = 0; i < block.size(); ++i)
            if (block[i] > 0) localities.push_back(static_cast<int>(i));
        ++tasks[ground.wish_of(localities)];
    }
    std::vector<Party> parties;
    for (const auto& [wish, count] : tasks) parties.push_back({wish, count});
    return parties;
}

/// Tasks of which each takes one core, or wholly near ones with several.
void add_cores(const std::vector<Party>& parties, const std::vector<Capacity>& capacity,
               int cores_per_task, Score& score) {
    if (cores_per_task > 1) {
        const auto served = wholly_near(parties, capacity, cores_per_task);
        for (std::size_t i = 0; i < parties.size(); ++i) score.far += parties[i].tasks - served[i];
        return;
    }
    std::vector<Wish> wishes;
    for (const Party& party : parties) wishes.push_back(party.wish);
    Pools pools(wishes, capacity);
    for (int i = 0; i < pools.groups(); ++i) {
        pools.give(i, parties[static_cast<std::size_t>(i)].tasks);
    }
    for (int i = 0; i < pools.groups(); ++i)
        for (int pool = 0; pool < pools.pools(); ++pool) {
            if (pools.held(i, pool) == 0 || pools.price(i, pool) == 0) continue;
            score.far += pools.held(i, pool);
            score.distance += pools.held(i, pool) * (pools.price(i, pool) - far_away);
        }
}

/// Depth first over all ways, each once: blocks are sorted by their first locality, then the larger
/// and those that keep together first.
class Composer {
  public:
    Composer(const Ground& ground, const std::vector<Capacity>& capacity, const BlockSizes& sizes)
        : ground_(ground), capacity_(capacity), sizes_(sizes) {
        for (const Locality& locality : ground.localities)
            left_.push_back(static_cast<int>(locality.gpus.size()));
        const int gpus = std::accumulate(left_.begin(), left_.end(), 0);
        large_ = sizes.larger;
        small_ = sizes.tasks - sizes.larger;
        spare_ = gpus - sizes.tasks * sizes.size - sizes.larger;
        fewest_far_ = fewest_far();
    }

    std::vector<Composition> run() {
        blocks_ = around_anchors();
        for (const Composition& block : blocks_) boundaries_ += boundaries_in(ground_, block);
        appraise();
        blocks_.clear();
        boundaries_ = 0;
        next_block();
        return best_;
    }

  private:
    /// A start for any number of GPUs: each task gets one GPU so that as many as possible are near,
    /// then the others are filled in, of the same locality where there are any.
    std::vector<Composition> around_anchors() const {
        std::vector<int> left = left_;
        std::vector<std::pair<Composition, int>> open;  // with the number of GPUs that are missing
        const std::vector<int> anchors =
            spread(ground_, capacity_, {0, sizes_.tasks, sizes_.cores_per_task});
        for (std::size_t i = 0; i < anchors.size(); ++i)
            for (int anchor = 0; anchor < anchors[i]; ++anchor) {
                const bool is_larger = static_cast<int>(open.size()) < sizes_.larger;
                open.push_back({Composition(left.size()), sizes_.size - 1 + is_larger});
                ++open.back().first[i];
                --left[i];
            }
        const auto fill_from = [&](std::size_t i, std::pair<Composition, int>& block) {
            const int taken = std::min(left[i], block.second);
            left[i] -= taken;
            block.second -= taken;
            block.first[i] += taken;
        };
        for (auto& block : open) fill_from(first_of(block.first), block);
        std::vector<Composition> blocks;
        for (auto& block : open) {
            for (std::size_t i = 0; i < left.size(); ++i) fill_from(i, block);
            blocks.push_back(block.first);
        }
        return blocks;
    }

    /// A bound: every near task needs a GPU, and its number of cores, for itself.
    int fewest_far() const {
        if (!sizes_.near_gpu) return 0;
        Pools pools(ground_.wishes, capacity_);
        int gpus_with_core = 0, near_cores = 0;
        for (int i = 0; i < pools.groups(); ++i) {
            pools.limit(i, 0);
            for (int gpu = 0; gpu < left_[static_cast<std::size_t>(i)]; ++gpu)
                gpus_with_core += pools.give(i);
        }
        for (int i = 0; i < pools.groups(); ++i)
            while (pools.give(i)) {
            }
        for (int i = 0; i < pools.groups(); ++i) near_cores += pools.held(i);
        const int near =
            sizes_.cores_per_task > 1 ? near_cores / sizes_.cores_per_task : gpus_with_core;
        return std::max(0, sizes_.tasks - near);
    }

    void next_block() {
        if (++steps_ > most_steps || ways_ >= most_ways) return;
        if (best_score_ && best_score_->far == fewest_far_ && boundaries_ > best_score_->boundaries)
            return;
        if (large_ + small_ == 0) return appraise();
        const auto found =
            std::find_if(left_.begin(), left_.end(), [](int left) { return left > 0; });
        if (found == left_.end()) return;
        const auto first = static_cast<std::size_t>(found - left_.begin());
        begin_block(first, sizes_.size + 1, large_);
        begin_block(first, sizes_.size, small_);
        if (left_[first] <= spare_) leave_idle(first);
    }

    void leave_idle(std::size_t locality) {
        const int count = left_[locality];
        spare_ -= count;
        left_[locality] = 0;
        next_block();
        left_[locality] = count;
        spare_ += count;
    }

    static std::size_t first_of(const Composition& block) {
        return static_cast<std::size_t>(
            std::find_if(block.begin(), block.end(), [](int count) { return count > 0; }) -
            block.begin());
    }

    void begin_block(std::size_t first, int size, int& of_this_size) {
        if (of_this_size == 0) return;
        --of_this_size;
        Composition block(left_.size());
        const bool same_start = !blocks_.empty() && first_of(blocks_.back()) == first;
        const int last_size =
            same_start ? std::accumulate(blocks_.back().begin(), blocks_.back().end(), 0) : 0;
        if (!same_start || last_size >= size)
            fill(block, first, size, last_size == size ? blocks_.back() : Composition());
        ++of_this_size;
    }

    /// `missing` more GPUs from this locality and later ones; not before `limit` in the order.
    void fill(Composition& block, std::size_t locality, int missing, const Composition& limit) {
        if (missing == 0) {
            if (!limit.empty() && block > limit) return;
            return add_block(block);
        }
        if (locality == left_.size()) return;
        const bool must = block == Composition(block.size());
        for (int take = std::min(missing, left_[locality]); take >= (must ? 1 : 0); --take) {
            block[locality] = take;
            fill(block, locality + 1, missing - take, limit);
        }
        block[locality] = 0;
    }

    void add_block(const Composition& block) {
        const int boundaries = boundaries_in(ground_, block);
        for (std::size_t i = 0; i < block.size(); ++i) left_[i] -= block[i];
        boundaries_ += boundaries;
        blocks_.push_back(block);
        next_block();
        blocks_.pop_back();
        boundaries_ -= boundaries;
        for (std::size_t i = 0; i < block.size(); ++i) left_[i] += block[i];
    }

    void appraise() {
        ++ways_;
        Score score;
        score.boundaries = boundaries_;
        if (sizes_.near_gpu)
            add_cores(parties_of(ground_, blocks_), capacity_, sizes_.cores_per_task, score);
        std::vector<long> tasks(left_.size());
        for (const Composition& block : blocks_) ++tasks[first_of(block)];
        for (std::size_t i = 0; i < tasks.size(); ++i)
            score.crowding += tasks[i] * tasks[i] * 1000 / (ground_.localities[i].cores + 1);
        if (best_score_ && score >= *best_score_) return;
        best_score_ = score;
        best_ = blocks_;
    }

    const Ground& ground_;
    const std::vector<Capacity>& capacity_;
    const BlockSizes& sizes_;
    std::vector<int> left_;  ///< GPUs per locality
    int large_ = 0, small_ = 0, spare_ = 0, fewest_far_ = 0;
    int boundaries_ = 0, steps_ = 0, ways_ = 0;
    std::vector<Composition> blocks_, best_;
    std::optional<Score> best_score_;
};

}  // namespace

std::vector<Composition> compose(const Ground& ground, const std::vector<Capacity>& capacity,
                                 const BlockSizes& sizes) {
    return Composer(ground, capacity, sizes).run();
}

}  // namespace warpstep::placement
