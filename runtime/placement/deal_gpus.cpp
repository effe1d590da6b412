// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/deal_gpus.hpp"

#include <algorithm>
#include <map>

#include "runtime/base/error.hpp"
#include "runtime/placement/blocks.hpp"
#include "runtime/placement/spread.hpp"

namespace warpstep::placement {

namespace {

using Gpus = std::vector<int>;

std::vector<Capacity> capacities_for(const Ground& ground, int tasks) {
    std::vector<AllowedCore> cores;
    for (const auto& pool : ground.pools) cores.insert(cores.end(), pool.begin(), pool.end());
    return capacities(ground.pools, grain_for(tasks, cores), tasks);
}

/// One GPU for each task; `tasks` may be more or fewer than there are GPUs.
std::vector<Gpus> deal_one_each(const Gpus& order, const Ground& ground, const Request& request) {
    const int count = static_cast<int>(order.size()), base = request.tasks / count;
    const std::vector<int> taken =
        spread(ground, capacities_for(ground, request.tasks),
               {base, request.tasks % count, request.cpus_per_task.value_or(1)});
    std::map<int, int> tasks_on;
    for (std::size_t i = 0; i < taken.size(); ++i)
        for (std::size_t gpu = 0; gpu < ground.localities[i].gpus.size(); ++gpu)
            tasks_on[ground.localities[i].gpus[gpu]] =
                base + (static_cast<int>(gpu) < taken[i] ? 1 : 0);
    std::vector<Gpus> result;
    for (const int gpu : order)
        result.insert(result.end(), static_cast<std::size_t>(tasks_on[gpu]), Gpus{gpu});
    return result;
}

std::vector<Gpus> deal_blocks(const Gpus& order, const Ground& ground, const BlockSizes& sizes) {
    std::map<int, std::size_t> place;
    for (const int gpu : order) place.emplace(gpu, place.size());
    const auto comes_first = [&](int a, int b) { return place.at(a) < place.at(b); };
    std::vector<std::size_t> next(ground.localities.size());
    std::vector<Gpus> result;
    for (const Composition& block : compose(ground, capacities_for(ground, sizes.tasks), sizes)) {
        Gpus gpus;
        for (std::size_t i = 0; i < block.size(); ++i)
            for (int taken = 0; taken < block[i]; ++taken)
                gpus.push_back(ground.localities[i].gpus.at(next[i]++));
        std::sort(gpus.begin(), gpus.end(), comes_first);
        result.push_back(std::move(gpus));
    }
    std::sort(result.begin(), result.end(),
              [&](const Gpus& a, const Gpus& b) { return comes_first(a.front(), b.front()); });
    return result;
}

}  // namespace

std::vector<Gpus> deal_gpus(const Gpus& order, const Ground& ground, const Request& request) {
    const int tasks = request.tasks, count = static_cast<int>(order.size());
    if (!request.wants_gpus) return std::vector<Gpus>(static_cast<std::size_t>(tasks));
    const int size = request.gpus_per_task.value_or(1);
    const long needed = static_cast<long>(tasks) * size;
    const bool shares = size == 1 && count > 0;
    if (request.gpus_per_task && !shares && needed > count)
        fail<ConfigError>(
            "{} tasks with {} GPUs each need {} GPUs (the step has {} on this node); ask for "
            "--gpus-per-node={} or lower gpus_per_task",
            tasks, size, needed, count, needed);
    if (count == 0) return std::vector<Gpus>(static_cast<std::size_t>(tasks));
    if (size == 1 && (request.gpus_per_task || tasks >= count))
        return deal_one_each(order, ground, request);
    BlockSizes sizes{tasks, size, 0, request.cpus_per_task.value_or(1), request.near_gpu};
    if (!request.gpus_per_task) {
        sizes.size = count / tasks;
        sizes.larger = count % tasks;
    }
    return deal_blocks(order, ground, sizes);
}

}  // namespace warpstep::placement
