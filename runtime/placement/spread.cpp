// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/spread.hpp"

#include <algorithm>

#include "runtime/placement/pools.hpp"
#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

using topology::Node;

std::vector<Locality> localities_of(const Node& node, const std::vector<int>& gpus,
                                    const std::vector<AllowedCore>& cores) {
    std::vector<Locality> localities;
    for (const int gpu : gpus) {
        const topology::CpuSet near = near_any(node, {gpu});
        auto found = std::find_if(localities.begin(), localities.end(),
                                  [&](const Locality& l) { return l.near == near; });
        if (found == localities.end()) {
            const auto count =
                std::count_if(cores.begin(), cores.end(),
                              [&](const AllowedCore& core) { return near.contains(core.cpus); });
            found = localities.insert(found, {near, {}, static_cast<int>(count)});
        }
        found->gpus.push_back(gpu);
    }
    return localities;
}

namespace {

/// Keeps count of whether further tasks can have near cores, when localities overlap and cores are
/// wanted twice.
class Ledger {
  public:
    Ledger(const Node& node, const std::vector<AllowedCore>& cores,
           const std::vector<Locality>& localities, const Blocks& blocks, int cores_per_task)
        : cores_per_task_(cores_per_task), pools_(make_pools(node, cores, localities, blocks)) {
        int task = 0;
        for (const Locality& locality : localities)
            for (std::size_t i = 0;
                 i < locality.gpus.size() * static_cast<std::size_t>(blocks.base); ++i)
                serve(task++);
        for (const Locality& locality : localities) {
            next_task_.push_back(task);
            task += static_cast<int>(locality.gpus.size());
        }
    }

    /// Books near cores for one more task of the locality; false when there are none.
    bool book(std::size_t locality) {
        if (!serve(next_task_[locality])) return false;
        ++next_task_[locality];
        return true;
    }

  private:
    /// Tasks on every GPU first, then room for one further task per GPU, both by locality.
    static Pools make_pools(const Node& node, const std::vector<AllowedCore>& cores,
                            const std::vector<Locality>& localities, const Blocks& blocks) {
        std::vector<std::vector<int>> gpus;
        for (const int per_gpu : {blocks.base, 1})
            for (const Locality& locality : localities)
                gpus.insert(gpus.end(), locality.gpus.size() * static_cast<std::size_t>(per_gpu),
                            std::vector<int>{locality.gpus.front()});
        const Wishes wishes = wishes_of(node, cores, gpus, true);
        std::vector<int> capacity;
        for (const auto& pool : wishes.pools) capacity.push_back(static_cast<int>(pool.size()));
        return Pools(wishes.distance, capacity);
    }

    bool serve(int task) {
        while (pools_.held(task) < cores_per_task_)
            if (!pools_.give(task)) {
                pools_.take_all(task);
                return false;
            }
        return true;
    }

    int cores_per_task_;
    Pools pools_;
    std::vector<int> next_task_;
};

}  // namespace

std::vector<int> spread(const Node& node, const std::vector<AllowedCore>& cores,
                        const std::vector<Locality>& localities, const Blocks& blocks,
                        int cores_per_task) {
    Ledger ledger(node, cores, localities, blocks, cores_per_task);
    std::vector<int> taken(localities.size());
    const auto tasks_with_one_more = [&](std::size_t i) {
        return static_cast<long>(localities[i].gpus.size()) * blocks.base + taken[i] + 1;
    };
    for (int block = 0; block < blocks.count; ++block) {
        std::vector<std::size_t> candidates;
        for (std::size_t i = 0; i < localities.size(); ++i)
            if ((taken[i] + 1) * blocks.size <= static_cast<int>(localities[i].gpus.size()))
                candidates.push_back(i);
        if (candidates.empty()) break;
        std::stable_sort(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
            return localities[a].cores * tasks_with_one_more(b) >
                   localities[b].cores * tasks_with_one_more(a);
        });
        const auto served = std::find_if(candidates.begin(), candidates.end(),
                                         [&](std::size_t i) { return ledger.book(i); });
        ++taken[served == candidates.end() ? candidates.front() : *served];
    }
    return taken;
}

}  // namespace warpstep::placement
