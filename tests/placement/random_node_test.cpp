// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/random_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace warpstep::placement;
using warpstep::topology::CpuSet;
using warpstep::topology::Node;

namespace {

/// What discovery promises of every Node.
void check_well_formed(const Node& node) {
    CpuSet covered;
    for (const auto& core : node.cores) {
        CHECK_FALSE(core.cpus.empty());
        CHECK_FALSE(covered.intersects(core.cpus));
        CHECK(core.package < node.packages);
        covered = covered | core.cpus;
    }
    CHECK(covered == node.cpus);
    CHECK_FALSE(node.allowed.empty());
    CHECK(node.cpus.contains(node.allowed));
    CHECK(std::is_sorted(node.gpus.begin(), node.gpus.end(), [](const auto& a, const auto& b) {
        return std::tie(a.pci, a.mig_uuid) < std::tie(b.pci, b.mig_uuid);
    }));
    CHECK(std::is_sorted(node.step_gpus.begin(), node.step_gpus.end()));
    for (const auto& gpu : node.gpus) {
        CHECK(gpu.located == (gpu.near_cpus != node.cpus));
        CHECK(node.cpus.contains(gpu.near_cpus));
        CHECK_FALSE(gpu.near_cpus.empty());
    }
    CHECK((node.numa_distances.empty() || node.numa_distances.size() == node.numa_nodes.size()));
}

}  // namespace

TEST_CASE("placement: drawn machines are as discovery would describe them") {
    std::map<std::string, int> families;
    int with_instances = 0, with_offline = 0, largest = 0;
    for (unsigned seed = 1; seed <= 400; ++seed) {
        CAPTURE(seed);
        const Scenario scenario = random_scenario(seed);
        ++families[scenario.family];
        check_well_formed(scenario.node);
        largest = std::max(largest, scenario.node.cpus.size());
        with_offline += scenario.node.cpus.cpus().back() >= scenario.node.cpus.size();
        with_instances += std::any_of(scenario.node.gpus.begin(), scenario.node.gpus.end(),
                                      [](const auto& gpu) { return !gpu.mig_uuid.empty(); });
    }
    CHECK(families.size() == 19);
    for (const auto& family : families) CHECK_MESSAGE(family.second >= 21, family.first);
    CHECK(with_instances > 10);
    CHECK(with_offline > 10);
    CHECK(largest == 256);
}

TEST_CASE("placement: a grant for a given machine leaves the machine as it is") {
    const Node node = random_scenario(4).node;
    bool fewer_cpus = false;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const Scenario scenario = random_scenario_on(node, seed);
        CHECK(scenario.node.cpus == node.cpus);
        CHECK(scenario.node.gpus.size() == node.gpus.size());
        check_well_formed(scenario.node);
        fewer_cpus = fewer_cpus || scenario.node.allowed != node.cpus;
    }
    CHECK(fewer_cpus);
}
