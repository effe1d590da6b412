// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_table.hpp"

#include <doctest/doctest.h>

#include "tests/report/placement_example.hpp"

using namespace warpstep;
using report::placement_table;
using report::show_names;
using testing::example_nodes;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: a placement is one row for each local rank") {
    CHECK(placement_table(example_nodes(), false) ==
          "n1 · 2 packages · 2 NUMA nodes · 8 cores · 16 threads · 4 GPUs · 2 NICs · machine.xml\n"
          "\n"
          "rank  GPU  PCI           UUID          NUMA  cores  CPUs       memory  NIC     by\n"
          "   0    0  0000:10:00.0  GPU-00000000     0      2  0-1,8-9         0  mlx5_0  switch\n"
          "   1    1  0000:20:00.0  GPU-00000001     0      2  2-3,10-11       0  mlx5_0  numa\n"
          "   2    2  0000:30:00.0  GPU-00000002     1      2  4-5,12-13       1  mlx5_1  switch\n"
          "   3    3  0000:40:00.0  GPU-00000003     1      2  6-7,14-15       1  mlx5_1  numa\n");
}

TEST_CASE("report: notes are numbered, and equal ones said once") {
    auto nodes = example_nodes();
    nodes.placement.tasks[1].notes = {"first reason"};
    nodes.placement.tasks[2].notes = {"second reason", "first reason"};
    const std::string table = placement_table(nodes, false);
    CHECK(has(table, "numa    1\n"));
    CHECK(has(table, "switch  2,1\n"));
    CHECK(has(table, "\n   1  first reason\n   2  second reason\n"));
}

TEST_CASE("report: what is idle and what was granted is said") {
    auto nodes = example_nodes();
    nodes.node.allowed = topology::CpuSet::parse("0-7,9-15");
    nodes.node.step_gpus = {0, 1, 2};
    nodes.placement.tasks.resize(2);
    nodes.placement.idle_gpus = {2};
    nodes.placement.idle_cpus = topology::CpuSet::parse("4-7,12-15");
    const std::string table = placement_table(nodes, false);
    CHECK(has(table, "allowed: CPUs 0-7,9-15 · GPUs 0-2\n"));
    CHECK(has(table, "\nidle: GPU 2\nidle: CPUs 4-7,12-15\n"));
    nodes.placement.notes = {"idle: for a reason"};
    CHECK(has(placement_table(nodes, false), "\nidle: for a reason\n"));
    CHECK_FALSE(has(placement_table(nodes, false), "idle: GPU 2"));
}

TEST_CASE("report: further GPUs of a task take further rows") {
    auto nodes = example_nodes();
    nodes.placement.tasks.resize(1);
    nodes.placement.tasks[0].gpus = {0, 1};
    const std::string table = placement_table(nodes, false);
    CHECK(has(table, "\n   0    0  0000:10:00.0"));
    CHECK(has(table, "\n        1  0000:20:00.0"));
}

TEST_CASE("report: a GPU of unknown place shows a question mark") {
    auto nodes = example_nodes();
    nodes.node.gpus[0].numa = -1;
    nodes.node.gpus[0].located = false;
    nodes.node.gpus[1].numa = -1;
    const std::string table = placement_table(nodes, false);
    CHECK(has(table, "GPU-00000000        ?"));
    CHECK(has(table, "GPU-00000001  several"));
}

TEST_CASE("report: UUIDs are shortened to what tells them apart") {
    auto nodes = example_nodes();
    for (std::size_t i = 0; i < 4; ++i)
        nodes.node.gpus[i].uuid = fmt::format("GPU-aaaaaaaa-0000-0000-0000-00000000000{}", i);
    CHECK(has(placement_table(nodes, false), "GPU-aaaa…0003 "));
    for (std::size_t i = 0; i < 4; ++i)
        nodes.node.gpus[i].uuid = fmt::format("GPU-aaaaaaaa-000{}-0000-0000-000000000000", i);
    CHECK(has(placement_table(nodes, false), "GPU-aaaa…0003… "));
}

TEST_CASE("report: a MIG instance shows its own number and UUID") {
    auto nodes = example_nodes();
    for (std::size_t i = 0; i < 2; ++i) {
        nodes.node.gpus[i].index = 0;
        nodes.node.gpus[i].mig_index = static_cast<int>(i);
        nodes.node.gpus[i].mig_uuid = fmt::format("MIG-c000000{}-1-2-3-4", i);
    }
    const std::string table = placement_table(nodes, false);
    CHECK(has(table, " · 3 GPUs with 2 MIG instances · "));
    CHECK(has(table, "   1  0:1  0000:20:00.0  MIG-c0000001 "));
}

TEST_CASE("report: a long CPU list is cut and counted, so that a row fits 120 columns") {
    auto nodes = example_nodes();
    std::vector<int> odd;
    for (int cpu = 1; cpu < 400; cpu += 2) odd.push_back(cpu);
    nodes.node.cpus = topology::CpuSet::parse("0-399");
    nodes.placement.tasks[0].cpus = topology::CpuSet(odd);
    const std::string table = placement_table(nodes, false);
    CHECK(has(table, "1,3,5,7,9,11,13,… (200 CPUs)"));
    std::size_t start = table.find("rank ");
    while (start < table.size()) {
        const std::size_t end = table.find('\n', start);
        CHECK(end - start <= 120);
        start = end + 1;
    }
}

TEST_CASE("report: names of nodes are written as Slurm writes them") {
    CHECK(show_names({"n1"}) == "n1");
    CHECK(show_names({"n1", "n2", "n3", "n5"}) == "n[1-3,5]");
    CHECK(show_names({"n9", "n10", "n11"}) == "n[9-11]");
    CHECK(show_names({"a08", "a09", "a10"}) == "a[08-10]");
    CHECK(show_names({"n1", "gpu1", "gpu2", "login"}) == "n1,gpu[1-2],login");
    CHECK(show_names({"n09", "n010"}) == "n[09,010]");
    CHECK(show_names({}).empty());
}
