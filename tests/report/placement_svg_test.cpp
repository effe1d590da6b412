// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_svg.hpp"

#include <doctest/doctest.h>

#include <set>

#include "runtime/report/placement_canvas.hpp"
#include "tests/report/placement_example.hpp"

using namespace warpstep;
using report::colour_of;
using report::placement_svg;
using testing::example_nodes;

namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

bool has(const std::string& text, const std::string& part) {
    return count_of(text, part) > 0;
}

}  // namespace

TEST_CASE("report: the picture has every task's colour and number, every GPU and every core") {
    const auto nodes = example_nodes();
    const std::string svg = placement_svg({nodes});
    for (int rank = 0; rank < 4; ++rank) {
        CHECK(has(svg, "fill:" + colour_of(rank, 4)));
        CHECK(has(svg, fmt::format(">rank {}</text>", rank)));
        // On each of its two cores and in the legend.
        CHECK(count_of(svg, fmt::format(">{}</text>", rank)) >= 3);
        CHECK(has(svg, ">" + show(nodes.node.gpus[static_cast<std::size_t>(rank)].pci) + "<"));
    }
    CHECK(count_of(svg, "<title>core ") == 8);
    CHECK(has(svg, ">NUMA 1 · 64 GiB<"));
    CHECK(has(svg, ">package 1<"));
    CHECK(has(svg, ">mlx5_1<"));
    CHECK(has(svg, "viewBox=\"0 0 1200 "));
    CHECK(count_of(svg, "<g>") == count_of(svg, "</g>"));
}

TEST_CASE("report: text in the picture is escaped") {
    auto nodes = example_nodes();
    nodes.names = {"a<b>&\"c\""};
    nodes.node.source = "x\x01y";
    const std::string svg = placement_svg({nodes});
    CHECK(has(svg, "a&lt;b&gt;&amp;&quot;c&quot;"));
    CHECK(has(svg, "x?y"));
    CHECK_FALSE(has(svg, "a<b"));
}

TEST_CASE("report: a remote task is linked to its GPU, a near one is not") {
    auto nodes = example_nodes();
    CHECK_FALSE(has(placement_svg({nodes}), "class=\"remote\""));
    nodes.placement.tasks[3].remote = true;
    nodes.placement.tasks[3].cpus = topology::CpuSet::parse("0");
    const std::string svg = placement_svg({nodes});
    CHECK(has(svg, "<title>rank 3 is remote</title>"));
    CHECK(has(svg, "class=\"remote\""));
    CHECK(has(svg, ">remote: cores away from the GPU<"));
}

TEST_CASE("report: idle, forbidden and withheld parts are drawn as such") {
    auto nodes = example_nodes();
    nodes.placement.tasks.resize(2);
    nodes.node.step_gpus = {0, 1, 2};
    nodes.node.allowed = topology::CpuSet::parse("0-5,8-13");
    const std::string svg = placement_svg({nodes});
    CHECK(has(svg, ">idle</text>"));
    CHECK(has(svg, ">not granted</text>"));
    CHECK(has(svg, "class=\"barred\""));
    CHECK(has(svg, ">unused</text>"));
}

TEST_CASE("report: memory without CPUs and devices without a place stand beside the packages") {
    auto nodes = example_nodes();
    nodes.node.numa_nodes.push_back({2, {}, std::uint64_t{96} << 30, true});
    nodes.node.gpus[0].located = false;
    nodes.node.gpus[0].numa = -1;
    nodes.node.gpus[0].near_cpus = nodes.node.cpus;
    const std::string svg = placement_svg({nodes});
    CHECK(has(svg, ">memory without CPUs of its own<"));
    CHECK(has(svg, ">NUMA 2 · 96 GiB<"));
    CHECK(has(svg, ">place unknown, or near several packages<"));
}

TEST_CASE("report: several kinds of nodes stand below each other") {
    auto other = example_nodes();
    other.names = {"n2", "n3"};
    const std::string svg = placement_svg({example_nodes(), other});
    CHECK(count_of(svg, "class=\"machine\"") == 2);
    CHECK(has(svg, ">n[2-3] (2 alike)<"));
}

TEST_CASE("report: shared cores and crowded GPUs keep their ranks readable") {
    auto nodes = example_nodes();
    nodes.placement.tasks.clear();
    for (int rank = 0; rank < 24; ++rank) {
        auto task = testing::example_task(0, "0,8", 1);
        task.local_rank = rank;
        nodes.placement.tasks.push_back(task);
    }
    const std::string svg = placement_svg({nodes});
    CHECK(has(svg, ">ranks 0-23</text>"));
    CHECK(has(svg, "<title>core 0 · CPUs 0,8 · ranks 0-23</title>"));
    for (int rank = 0; rank < 24; ++rank) CHECK(has(svg, "fill:" + colour_of(rank, 24)));
}

TEST_CASE("report: tasks have colours of their own") {
    for (const int tasks : {1, 8, 9, 16, 64}) {
        std::set<std::string> colours;
        for (int rank = 0; rank < tasks; ++rank) colours.insert(colour_of(rank, tasks));
        CHECK(static_cast<int>(colours.size()) == tasks);
    }
    CHECK(report::ink_on("#ffffff") == "#000000");
    CHECK(report::ink_on("#000080") == "#ffffff");
}
