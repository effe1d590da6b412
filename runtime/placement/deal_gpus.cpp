// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/deal_gpus.hpp"

#include <algorithm>
#include <map>

#include "runtime/base/error.hpp"
#include "runtime/placement/cut.hpp"
#include "runtime/placement/spread.hpp"

namespace warpstep::placement {

namespace {

using topology::Node;
using Gpus = std::vector<int>;

/// All GPUs, in blocks that differ by at most one and keep to one locality where they can.
std::vector<Gpus> deal_evenly(const Node& node, const Gpus& order, int tasks) {
    const int count = static_cast<int>(order.size());
    std::vector<int> seams;
    for (std::size_t i = 0; i + 1 < order.size(); ++i)
        seams.push_back(near_any(node, {order[i]}) != near_any(node, {order[i + 1]}));
    const Cut cut{tasks, count / tasks, (count + tasks - 1) / tasks};
    std::vector<Gpus> result;
    for (const Block& block : cut_row(seams, count, cut))
        result.emplace_back(order.begin() + block.first, order.begin() + block.first + block.size);
    return result;
}

/// `size` GPUs for each task, the others idle; what fits no locality is taken in order.
std::vector<Gpus> deal_some(const std::vector<Locality>& localities, const std::vector<int>& taken,
                            const Gpus& order, int tasks, int size) {
    std::map<int, std::size_t> place;
    for (const int gpu : order) place.emplace(gpu, place.size());
    std::vector<Gpus> result;
    Gpus left;
    for (std::size_t i = 0; i < localities.size(); ++i) {
        const Gpus& gpus = localities[i].gpus;
        for (int block = 0; block < taken[i]; ++block)
            result.emplace_back(gpus.begin() + block * size, gpus.begin() + (block + 1) * size);
        left.insert(left.end(), gpus.begin() + taken[i] * size, gpus.end());
    }
    const auto comes_first = [&](int a, int b) { return place.at(a) < place.at(b); };
    std::sort(left.begin(), left.end(), comes_first);
    for (auto next = left.begin(); result.size() < static_cast<std::size_t>(tasks); next += size)
        result.emplace_back(next, next + size);
    std::sort(result.begin(), result.end(),
              [&](const Gpus& a, const Gpus& b) { return comes_first(a.front(), b.front()); });
    return result;
}

/// Several tasks on each GPU; those that carry one more are where the cores are.
std::vector<Gpus> deal_shared(const std::vector<Locality>& localities,
                              const std::vector<int>& taken, const Gpus& order, int tasks) {
    const int count = static_cast<int>(order.size());
    std::map<int, int> tasks_on;
    for (std::size_t i = 0; i < localities.size(); ++i)
        for (std::size_t gpu = 0; gpu < localities[i].gpus.size(); ++gpu)
            tasks_on[localities[i].gpus[gpu]] =
                tasks / count + (static_cast<int>(gpu) < taken[i] ? 1 : 0);
    std::vector<Gpus> result;
    for (const int gpu : order)
        result.insert(result.end(), static_cast<std::size_t>(tasks_on[gpu]), Gpus{gpu});
    return result;
}

}  // namespace

std::vector<Gpus> deal_gpus(const Node& node, const std::vector<AllowedCore>& cores,
                            const Request& request) {
    const int tasks = request.tasks, count = static_cast<int>(node.step_gpus.size());
    if (!request.wants_gpus || (count == 0 && !request.gpus_per_task))
        return std::vector<Gpus>(static_cast<std::size_t>(tasks));

    const int size = request.gpus_per_task.value_or(1);
    const long needed = static_cast<long>(tasks) * size;
    const bool shares = size == 1 && tasks > count && count > 0;
    if (request.gpus_per_task && !shares && needed > count)
        fail<ConfigError>(
            "{} tasks with {} GPUs each need {} GPUs (the step has {} on this node); ask for "
            "--gpus-per-node={} or lower gpus_per_task",
            tasks, size, needed, count, needed);

    const Gpus order = gpus_in_order(node);
    if (tasks <= count && !request.gpus_per_task) return deal_evenly(node, order, tasks);
    const std::vector<Locality> localities = localities_of(node, order, cores);
    const Blocks blocks = shares ? Blocks{tasks % count, 1, tasks / count} : Blocks{tasks, size, 0};
    const std::vector<int> taken =
        spread(node, cores, localities, blocks, request.cpus_per_task.value_or(1));
    return shares ? deal_shared(localities, taken, order, tasks)
                  : deal_some(localities, taken, order, tasks, size);
}

}  // namespace warpstep::placement
