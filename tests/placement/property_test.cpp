// SPDX-License-Identifier: Apache-2.0
// Machines, grants and requests drawn at random: inspect() shares no code with plan().
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/placement/document.hpp"
#include "runtime/placement/inspect.hpp"
#include "runtime/placement/random_node.hpp"

using namespace warpstep;
using namespace warpstep::placement;
using topology::CpuSet;
using topology::Node;

namespace {

constexpr unsigned scenarios = 20000;

std::string shown(const Scenario& scenario) {
    const Request& r = scenario.request;
    const Node& node = scenario.node;
    std::string text = fmt::format(
        "{}: {} tasks, gpus_per_task {}, cpus_per_task {}, pus_per_core {}, share {}, near_gpu {}, "
        "strict {}, wants_gpus {}, interleave {}, allowed {}\n",
        scenario.family, r.tasks, r.gpus_per_task.value_or(0), r.cpus_per_task.value_or(0),
        r.pus_per_core.value_or(0), r.share, r.near_gpu, r.strict, r.wants_gpus, r.interleave,
        show(node.allowed));
    for (const topology::NumaNode& numa : node.numa_nodes)
        text += fmt::format("NUMA {}: {}\n", numa.os_index, show(numa.cpus));
    for (const int gpu : node.step_gpus)
        text += fmt::format("GPU {} near {}\n", gpu,
                            show(node.gpus[static_cast<std::size_t>(gpu)].near_cpus));
    return text;
}

std::string shown(const Placement& placement) {
    std::string text;
    for (const Task& task : placement.tasks) {
        text += fmt::format("task {} GPUs", task.local_rank);
        for (const int gpu : task.gpus) text += fmt::format(" {}", gpu);
        text += fmt::format(" CPUs {}: {}\n", show(task.cpus), join(task.notes, "; "));
    }
    return text + join(placement.notes, "; ");
}

std::string shown(const std::vector<Violation>& violations) {
    std::string text;
    for (const Violation& violation : violations)
        text += violation.rule + ": " + violation.text + "\n";
    return text;
}

/// Block cores and GPU = local rank: what users write by hand. Counts what it does badly.
struct Faults {
    int without_gpu = 0, imbalance = 0, overlaps = 0, far = 0;
};

Faults faults_of(const Node& node, const Request& request, const std::vector<Task>& tasks) {
    Faults faults;
    std::map<int, int> load;
    if (request.wants_gpus)
        for (const int gpu : node.step_gpus) load[gpu] = 0;
    for (const Task& task : tasks) {
        CpuSet near;
        for (const int gpu : task.gpus) {
            ++load[gpu];
            const auto& g = node.gpus[static_cast<std::size_t>(gpu)];
            near = near | (g.located ? g.near_cpus : node.cpus);
        }
        faults.without_gpu += !load.empty() && task.gpus.empty();
        faults.far += !task.gpus.empty() && !near.contains(task.cpus);
        for (const Task& other : tasks)
            faults.overlaps +=
                other.local_rank < task.local_rank && other.cpus.intersects(task.cpus);
    }
    int least = 1000, most = 0;
    for (const auto& [gpu, count] : load) {
        least = std::min(least, count);
        most = std::max(most, count);
    }
    faults.imbalance = load.empty() ? 0 : most - least;
    return faults;
}

std::vector<Task> by_hand(const Node& node, const Request& request) {
    std::vector<CpuSet> cores;
    for (const topology::Core& core : node.cores) {
        std::vector<int> cpus = (core.cpus & node.allowed).cpus();
        if (request.pus_per_core && cpus.size() > static_cast<std::size_t>(*request.pus_per_core))
            cpus.resize(static_cast<std::size_t>(*request.pus_per_core));
        if (!cpus.empty()) cores.emplace_back(cpus);
    }
    const auto n = static_cast<std::size_t>(request.tasks);
    std::vector<Task> tasks(n);
    for (std::size_t i = 0; i < n; ++i) {
        tasks[i].local_rank = static_cast<int>(i);
        if (request.wants_gpus && !node.step_gpus.empty())
            tasks[i].gpus = {node.step_gpus[i % node.step_gpus.size()]};
        const std::size_t each = static_cast<std::size_t>(request.cpus_per_task.value_or(0));
        const std::size_t first = each ? i * each : i * cores.size() / n;
        const std::size_t end =
            std::max(first + 1, each ? first + each : (i + 1) * cores.size() / n);
        for (std::size_t core = first; core < end; ++core)
            tasks[i].cpus = tasks[i].cpus | cores[core];
    }
    return tasks;
}

void check_against_habit(const Scenario& scenario, const Placement& placement) {
    const Faults planned = faults_of(scenario.node, scenario.request, placement.tasks);
    const Faults habit =
        faults_of(scenario.node, scenario.request, by_hand(scenario.node, scenario.request));
    CHECK(planned.without_gpu == 0);
    CHECK(planned.overlaps <= habit.overlaps);
    CHECK(planned.imbalance <= habit.imbalance);
    // Three tasks on one CPU may all be near; who shares evenly is not compared with that.
    if (scenario.request.near_gpu && planned.overlaps == habit.overlaps)
        CHECK(planned.far <= habit.far);
}

std::string document_of(const Scenario& scenario) {
    return to_json({describe("n", scenario.node, plan(scenario.node, scenario.request))});
}

}  // namespace

TEST_CASE("placement: random machines, grants and requests are placed as promised") {
    int placed = 0, refused = 0;
    std::set<std::string> families;
    for (unsigned seed = 1; seed <= scenarios; ++seed) {
        const Scenario scenario = random_scenario(seed);
        families.insert(scenario.family);
        CAPTURE(seed);
        if (must_be_refused(scenario.node, scenario.request)) {
            CHECK_THROWS_AS_MESSAGE(plan(scenario.node, scenario.request), ConfigError,
                                    shown(scenario));
            ++refused;
            continue;
        }
        Placement placement;
        REQUIRE_NOTHROW_MESSAGE(placement = plan(scenario.node, scenario.request), shown(scenario));
        const std::string wrong = shown(inspect(scenario.node, scenario.request, placement));
        CHECK_MESSAGE(wrong == "", wrong, shown(scenario), shown(placement));
        check_against_habit(scenario, placement);
        ++placed;
    }
    CHECK(families.size() >= 19);
    CHECK(placed > 10000);
    CHECK(refused > 2000);
}

TEST_CASE("placement: the same scenario gives the same document") {
    for (unsigned seed = 1; seed <= 500; ++seed) {
        CAPTURE(seed);
        const Scenario scenario = random_scenario(seed);
        if (must_be_refused(scenario.node, scenario.request)) continue;
        CHECK(document_of(scenario) == document_of(random_scenario(seed)));
    }
}
