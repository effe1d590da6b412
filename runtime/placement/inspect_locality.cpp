// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

namespace {

using topology::CpuSet;

/// Places for tasks, as (core, price beyond the distance): a core, or a PU, takes a further task
/// only when there is no other way.
std::vector<std::pair<std::size_t, Cost>> costs_of_places(const Facts& facts) {
    constexpr Cost further = not_near << 12;
    std::vector<std::pair<std::size_t, Cost>> places;
    for (std::size_t i = 0; i < facts.cores.size(); ++i) {
        const int pus = facts.cores[i].size();
        const int first = facts.oversubscribed() ? facts.tasks() / facts.pus * pus : 1;
        const int more = facts.whole_cores() ? 0 : facts.oversubscribed() ? pus : pus - 1;
        places.insert(places.end(), static_cast<std::size_t>(first), {i, 0});
        places.insert(places.end(), static_cast<std::size_t>(more), {i, further});
    }
    return places;
}

struct Distances {
    std::vector<std::vector<Cost>> of_core;     ///< [task][core]
    std::vector<std::vector<std::size_t>> has;  ///< cores of each task

    Cost worst(std::size_t task) const {
        Cost most = 0;
        for (const std::size_t core : has[task]) most = std::max(most, of_core[task][core]);
        return most;
    }
};

Distances distances_of(const Facts& facts, const Tasks& tasks) {
    Distances distances;
    for (const Task& task : tasks) {
        distances.of_core.push_back(facts.costs(facts.near(task.gpus)));
        distances.has.emplace_back();
        for (std::size_t i = 0; i < facts.cores.size(); ++i)
            if (facts.cores[i].intersects(task.cpus)) distances.has.back().push_back(i);
    }
    return distances;
}

/// The farthest core of each task: no other way of giving each one place is nearer in total, so
/// what it has beyond that place is no farther.
void check_one_place(const Facts& facts, const Distances& distances, Findings& findings) {
    const auto places = costs_of_places(facts);
    std::vector<std::vector<Cost>> cost;
    Cost actual = 0;
    for (std::size_t task = 0; task < distances.has.size(); ++task) {
        actual += distances.worst(task);
        cost.emplace_back();
        for (const auto& [core, beyond] : places)
            cost.back().push_back(distances.of_core[task][core] + beyond);
    }
    // What further places cost is the same for every right placement.
    constexpr Cost further = not_near << 12;
    const Cost least = least_assignment(cost) % further;
    findings.expect(
        actual == least, "I9",
        fmt::format("tasks are {} far cores and {} of distance away, {} and {} would do",
                    actual / not_near, actual % not_near, least / not_near, least % not_near));
}

/// Given who is near: no other way of giving everybody the number asked for is nearer.
void check_several_cores(const Facts& facts, const Distances& distances, Findings& findings) {
    constexpr Cost forbidden = not_near << 16;
    std::vector<std::vector<Cost>> cost;
    Cost actual = 0;
    for (std::size_t task = 0; task < distances.has.size(); ++task) {
        std::vector<Cost> row = distances.of_core[task];
        if (distances.worst(task) == 0)
            for (Cost& price : row)
                if (price > 0) price = forbidden;
        for (const std::size_t core : distances.has[task]) {
            actual += distances.of_core[task][core];
            cost.push_back(row);
        }
    }
    if (cost.size() > facts.cores.size()) return;  // shared cores, which other rules forbid
    const Cost least = least_assignment(cost);
    findings.expect(
        actual == least, "I9",
        fmt::format("cores are {} times far and {} of distance away, {} and {} would do",
                    actual / not_near, actual % not_near, least / not_near, least % not_near));
}

}  // namespace

void check_locality(const Facts& facts, const Tasks& tasks, Findings& findings) {
    for (const Task& task : tasks) {
        const bool remote = !task.gpus.empty() && !facts.near(task.gpus).contains(task.cpus);
        findings.expect(
            task.remote == remote, "I9",
            fmt::format("local rank {} is {}remote", task.local_rank, remote ? "" : "not "));
    }
    if (!facts.request.near_gpu || facts.gpus.empty()) return;
    const auto remote = std::count_if(tasks.begin(), tasks.end(), [&](const Task& task) {
        return !facts.near(task.gpus).contains(task.cpus);
    });
    if (remote == 0) return;
    const bool dealt_here = facts.request.visible.empty();
    const int local = facts.tasks() - static_cast<int>(remote),
              most = dealt_here ? most_local(facts) : 0;
    const bool certain = facts.cores_each() == 1 || facts.one_gpu_each() || facts.gpu_count() <= 8;
    findings.expect(local >= most || !certain, "I8",
                    fmt::format("{} tasks have near cores, {} could", local, most));
    const Distances distances = distances_of(facts, tasks);
    if (facts.cores_each() == 1)
        check_one_place(facts, distances, findings);
    else
        check_several_cores(facts, distances, findings);
}

}  // namespace warpstep::placement::inspection
