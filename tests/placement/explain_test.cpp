// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/explain.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "runtime/placement/inspect.hpp"
#include "runtime/placement/random_node.hpp"
#include "runtime/topology/discover.hpp"
#include "tests/support/topology_xml.hpp"

using namespace warpstep;
using namespace warpstep::placement;

namespace {

topology::Node dgx(const char* allowed = nullptr) {
    const testing::TemporaryFile file(testing::topology_xml(testing::dgx_like()));
    topology::NodeRequest request;
    request.xml = file.path();
    if (allowed) request.allowed_cpus = allowed;
    return topology::discover_node(request);
}

std::vector<std::string> explained(const topology::Node& node, const Request& request,
                                   std::size_t rank) {
    return explain(node, request, plan(node, request)).at(rank);
}

bool says(const std::vector<std::string>& sentences, const std::string& part) {
    return std::any_of(sentences.begin(), sentences.end(),
                       [&](const std::string& s) { return s.find(part) != s.npos; });
}

}  // namespace

TEST_CASE("placement: a task by a GPU of its own is explained in plain sentences") {
    const topology::Node node = dgx();
    Request request;
    request.tasks = 8;
    const auto sentences = explained(node, request, 0);
    CHECK(says(sentences, "GPU 0000:1b:00.0"));
    CHECK(says(sentences, "is on NUMA node 0."));
    CHECK(says(sentences,
               "CPUs 0-13,112-125 are 14 cores of the 56 near it, shared fairly by 4 tasks."));
    CHECK(says(sentences, "Memory comes from NUMA node 0 first"));
}

TEST_CASE("placement: what was asked for, left over or missing is named as the reason") {
    Request request;
    request.tasks = 2;
    request.gpus_per_task = 1;
    request.cpus_per_task = 4;
    CHECK(says(explained(dgx(), request, 1), "1 GPU as asked for"));
    CHECK(says(explained(dgx(), request, 1), "4 cores of the 56 near it, as many as asked for"));
    request = {};
    request.tasks = 8;
    const auto remote = explained(dgx("0-15"), request, 7);
    CHECK(says(remote, "2 cores on NUMA node 0, the nearest that were left"));
    CHECK(says(remote, "Note: remote: GPU"));
    request.tasks = 16;
    CHECK(says(explained(dgx(), request, 0), "; 2 tasks share it"));
    request.wants_gpus = false;
    CHECK(says(explained(dgx(), request, 0), "the host device was asked for"));
}

TEST_CASE("placement: every task of every placement has its sentences") {
    int explained_tasks = 0;
    for (unsigned seed = 1; seed <= 300; ++seed) {
        const Scenario scenario = random_scenario(seed);
        if (must_be_refused(scenario.node, scenario.request)) continue;
        const Placement placement = plan(scenario.node, scenario.request);
        const auto all = explain(scenario.node, scenario.request, placement);
        REQUIRE(all.size() == placement.tasks.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Task& task = placement.tasks[i];
            CHECK(all[i].size() == 3 + task.gpus.size() + task.nics.size() + task.notes.size());
            CHECK(says(all[i], show(task.cpus)));
            for (const std::string& sentence : all[i]) CHECK(sentence.back() == '.');
            ++explained_tasks;
        }
    }
    CHECK(explained_tasks > 500);
}
