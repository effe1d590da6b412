// SPDX-License-Identifier: Apache-2.0
// Small machines by brute force: every way of dividing the GPUs, every way of giving cores. Knows
// nothing of planner and inspector.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/placement/placement.hpp"

using namespace warpstep::placement;
using warpstep::topology::CpuSet;
using warpstep::topology::Node;

namespace {

/// Numbers for small machines; their quality does not matter.
class Numbers {
  public:
    explicit Numbers(unsigned seed) : state_(seed * 2654435761U + 1) {}
    int below(int end) {
        state_ = state_ * 1664525U + 1013904223U;
        return static_cast<int>((state_ >> 16) % static_cast<unsigned>(end));
    }

  private:
    unsigned state_;
};

/// 2 or 3 NUMA nodes of 1 to 3 cores, at most 6 in all; GPUs on nodes, on the first package or
/// nowhere.
Node small_machine(Numbers& numbers) {
    Node node;
    const int nodes = 2 + numbers.below(2);
    int cpu = 0;
    for (int numa = 0; numa < nodes; ++numa) {
        CpuSet cpus;
        const int cores = std::min(1 + numbers.below(3), 6 - cpu - (nodes - 1 - numa));
        for (int core = 0; core < cores; ++core, ++cpu) {
            cpus.add(cpu);
            node.cores.push_back({cpu, CpuSet(std::vector<int>{cpu}), numa / 2, numa});
        }
        node.numa_nodes.push_back({numa, cpus, 1, true});
        node.cpus = node.cpus | cpus;
    }
    node.packages = 1 + (nodes - 1) / 2;
    for (int from = 0; from < nodes; ++from) {
        node.numa_distances.emplace_back();
        for (int to = 0; to < nodes; ++to)
            node.numa_distances.back().push_back(from == to ? 10
                                                            : 11 + (from * to + from) % 7 + to);
    }
    const int gpus = numbers.below(4) + 1;
    for (int i = 0; i < gpus; ++i) {
        warpstep::topology::Gpu gpu;
        gpu.pci.bus = static_cast<unsigned>(i + 1);
        gpu.index = i;
        const int place = numbers.below(nodes + 2);
        gpu.near_cpus = node.cpus;
        if (place < nodes) gpu.near_cpus = node.numa_nodes[static_cast<std::size_t>(place)].cpus;
        if (place == nodes) gpu.near_cpus = node.numa_nodes[0].cpus | node.numa_nodes[1].cpus;
        gpu.located = gpu.near_cpus != node.cpus;
        node.gpus.push_back(gpu);
        node.step_gpus.push_back(i);
    }
    for (const int c : node.cpus.cpus())
        if (numbers.below(4) > 0) node.allowed.add(c);
    if (node.allowed.empty()) node.allowed = node.cpus;
    return node;
}

int distance(const Node& node, const CpuSet& near, int cpu) {
    int to = 0, least = 1000;
    for (const auto& core : node.cores)
        if (core.cpus.contains(cpu)) to = core.numa;
    for (const auto& numa : node.numa_nodes)
        if (numa.cpus.intersects(near))
            least = std::min(least, node.numa_distances[static_cast<std::size_t>(numa.os_index)]
                                                       [static_cast<std::size_t>(to)]);
    return near.contains(cpu) ? 0 : least;
}

using Division = std::vector<std::vector<int>>;  ///< GPUs of each task

/// All ways that keep to the rules on numbers.
std::vector<Division> divisions(int gpus, int tasks, std::optional<int> each) {
    std::vector<Division> result;
    Division now(static_cast<std::size_t>(tasks));
    const bool shared = tasks > gpus;
    const std::function<void(int)> give = [&](int i) {
        if (i == (shared ? tasks : gpus)) {
            std::vector<int> counts;
            if (shared) {
                counts.assign(static_cast<std::size_t>(gpus), 0);
                for (const auto& of_task : now) ++counts[static_cast<std::size_t>(of_task[0])];
            } else {
                for (const auto& of_task : now) counts.push_back(static_cast<int>(of_task.size()));
            }
            const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
            const bool right = each && !shared ? *least == *each && *most == *each
                                               : *least > 0 && *most - *least <= 1;
            if (right) result.push_back(now);
            return;
        }
        for (int j = 0; j < (shared ? gpus : tasks); ++j) {
            auto& list = now[static_cast<std::size_t>(shared ? i : j)];
            list.push_back(shared ? j : i);
            give(i + 1);
            list.pop_back();
        }
        if (each && !shared) give(i + 1);
    };
    give(0);
    return result;
}

CpuSet near_of(const Node& node, const std::vector<int>& gpus) {
    CpuSet near;
    for (const int gpu : gpus) near = near | node.gpus[static_cast<std::size_t>(gpu)].near_cpus;
    return near;
}

/// Far tasks, then the distance of all cores (of one per task when the number is free).
using Cost = std::pair<int, int>;

/// The best over all ways of giving each task `cores` cores of its own.
Cost best_cores(const Node& node, const Division& division, int cores) {
    const std::vector<int> cpus = node.allowed.cpus();
    Cost best{1000, 0};
    std::set<int> used;
    const std::function<void(std::size_t, int, std::size_t, bool, Cost)> give =
        [&](std::size_t task, int held, std::size_t from, bool far, Cost cost) {
            if (held == cores) {
                cost.first += far;
                if (task + 1 == division.size()) {
                    best = std::min(best, cost);
                    return;
                }
                return give(task + 1, 0, 0, false, cost);
            }
            const CpuSet near = near_of(node, division[task]);
            for (std::size_t i = from; i < cpus.size(); ++i) {
                if (!used.insert(cpus[i]).second) continue;
                const int away = distance(node, near, cpus[i]);
                give(task, held + 1, i + 1, far || away > 0, {cost.first, cost.second + away});
                used.erase(cpus[i]);
            }
        };
    give(0, 0, 0, false, {0, 0});
    return best;
}

Cost cost_of(const Node& node, const Placement& placement) {
    Cost cost{0, 0};
    for (const Task& task : placement.tasks) {
        const CpuSet near = near_of(node, task.gpus);
        int worst = 0;
        for (const int cpu : task.cpus.cpus()) worst = std::max(worst, distance(node, near, cpu));
        cost.first += worst > 0;
        cost.second += worst;
    }
    return cost;
}

struct Small {
    Node node;
    Request request;
};

std::optional<Small> small(unsigned seed) {
    Numbers numbers(seed);
    Small result{small_machine(numbers), {}};
    const int cores = result.node.allowed.size(), gpus = static_cast<int>(result.node.gpus.size());
    result.request.tasks = 1 + numbers.below(4);
    if (numbers.below(3) == 0) result.request.cpus_per_task = 1 + numbers.below(3);
    if (numbers.below(3) == 0) result.request.gpus_per_task = 1 + numbers.below(2);
    const int tasks = result.request.tasks, each = result.request.gpus_per_task.value_or(1);
    if (tasks * result.request.cpus_per_task.value_or(1) > cores) return std::nullopt;
    if (each > 1 && tasks * each > gpus) return std::nullopt;
    return result;
}

}  // namespace

TEST_CASE("placement: no other deal of GPUs and cores has more tasks near their GPUs") {
    int compared = 0, some_far = 0;
    for (unsigned seed = 1; seed <= 4000; ++seed) {
        const auto drawn = small(seed);
        if (!drawn) continue;
        CAPTURE(seed);
        const auto& [node, request] = *drawn;
        const Cost planned = cost_of(node, plan(node, request));
        Cost best{1000, 0};
        for (const Division& division :
             divisions(static_cast<int>(node.gpus.size()), request.tasks, request.gpus_per_task))
            best = std::min(best, best_cores(node, division, request.cpus_per_task.value_or(1)));
        CHECK(planned.first == best.first);
        const bool one_gpu_each =
            request.gpus_per_task.value_or(1) == 1 &&
            (request.gpus_per_task || request.tasks >= static_cast<int>(node.gpus.size()));
        // One GPU and one core each: the distance is the least over all deals, too.
        if (one_gpu_each && request.cpus_per_task.value_or(1) == 1)
            CHECK(planned.second == best.second);
        ++compared;
        some_far += best.first > 0;
    }
    CHECK(compared > 2000);
    CHECK(some_far > 300);
}

TEST_CASE("placement: for the GPUs dealt, no other deal of cores is nearer") {
    for (unsigned seed = 1; seed <= 4000; ++seed) {
        const auto drawn = small(seed);
        if (!drawn || drawn->request.cpus_per_task.value_or(1) > 1) continue;
        CAPTURE(seed);
        const Placement placement = plan(drawn->node, drawn->request);
        Division dealt;
        for (const Task& task : placement.tasks) dealt.push_back(task.gpus);
        CHECK(cost_of(drawn->node, placement) == best_cores(drawn->node, dealt, 1));
    }
}
