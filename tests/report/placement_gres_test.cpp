// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_gres.hpp"

#include <doctest/doctest.h>

#include "tests/report/placement_example.hpp"

using namespace warpstep;
using report::gres_lines;
using testing::example_nodes;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: gres.conf counts cores, not hardware threads, and joins equal GPUs") {
    const std::string lines = gres_lines({example_nodes()});
    CHECK(has(lines,
              "  NodeName=n1 Name=gpu Type=nvidia_a100-sxm4-40gb File=/dev/nvidia[0-1] "
              "Cores=0-3\n"));
    CHECK(has(lines, "File=/dev/nvidia[2-3] Cores=4-7\n"));
    CHECK(has(lines, "AutoDetect=nvml"));
}

TEST_CASE("report: a GPU that is near every core has no Cores") {
    auto nodes = example_nodes();
    nodes.node.gpus.resize(1);
    nodes.node.gpus[0].near_cpus = nodes.node.cpus;
    CHECK(has(gres_lines({nodes}), "File=/dev/nvidia0\n"));
    nodes.node.gpus[0].located = false;
    CHECK(has(gres_lines({nodes}), "File=/dev/nvidia0\n"));
}

TEST_CASE("report: machines that are alike share their lines whatever their tasks") {
    auto other = example_nodes();
    other.names = {"n2"};
    other.placement.tasks.pop_back();
    const std::string lines = gres_lines({example_nodes(), other});
    CHECK(has(lines, "NodeName=n[1-2] Name=gpu"));
    CHECK_FALSE(has(lines, "NodeName=n2 "));
}

TEST_CASE("report: without a model there is no Type, without GPUs nothing at all") {
    auto nodes = example_nodes();
    for (auto& gpu : nodes.node.gpus) gpu.name.clear();
    CHECK_FALSE(has(gres_lines({nodes}), "Type="));
    nodes.node.gpus.clear();
    CHECK(gres_lines({nodes}).empty());
}

TEST_CASE("report: MIG instances and AMD GPUs are left to AutoDetect") {
    auto nodes = example_nodes();
    nodes.node.gpus[0].mig_uuid = "MIG-a";
    CHECK(gres_lines({nodes}) == "gres.conf: AutoDetect=nvml finds MIG instances\n");
    nodes.node.gpus[0].mig_uuid.clear();
    nodes.node.gpus[0].vendor = topology::amd_vendor;
    CHECK(gres_lines({nodes}) == "gres.conf: AutoDetect=rsmi finds AMD GPUs\n");
}
