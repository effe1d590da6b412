// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_srun.hpp"

#include <doctest/doctest.h>

#include "tests/report/placement_example.hpp"

using namespace warpstep;
using report::mask_of;
using report::srun_flags;
using testing::example_nodes;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: masks are hexadecimal with bit 0 for CPU 0") {
    CHECK(mask_of({0}) == "0x1");
    CHECK(mask_of({0, 1, 8, 9}) == "0x303");
    CHECK(mask_of({4}) == "0x10");
    CHECK(mask_of({255}) == "0x8" + std::string(63, '0'));
    CHECK(mask_of({}) == "0x0");
}

TEST_CASE("report: srun's flags bind CPUs, memory and GPUs in the order of local ranks") {
    const std::string flags = srun_flags({example_nodes()});
    CHECK(has(flags, "  -N1 --ntasks-per-node=4 --gpus-per-node=4 --exclusive\n"));
    CHECK(has(flags, "  --cpu-bind=mask_cpu:0x303,0xc0c,0x3030,0xc0c0\n"));
    CHECK(has(flags, "  --mem-bind=prefer,map_mem:0*2,1*2\n"));
    CHECK(has(flags, "  --gpu-bind=map_gpu:0,1,2,3\n"));
    CHECK(has(flags, "allow-task-sharing"));
    CHECK_FALSE(has(flags, "where Slurm constrains devices"));
}

TEST_CASE("report: several GPUs per task become masks") {
    auto nodes = example_nodes();
    nodes.placement.tasks.resize(2);
    nodes.placement.tasks[0].gpus = {0, 1};
    nodes.placement.tasks[1].gpus = {2, 3};
    CHECK(has(srun_flags({nodes}), "  --gpu-bind=mask_gpu:0x3,0xc\n"));
}

TEST_CASE("report: one task needs no GPU binding, and memory of several nodes has no map") {
    auto nodes = example_nodes();
    nodes.placement.tasks.resize(1);
    nodes.placement.tasks[0].numa = {0, 1};
    const std::string flags = srun_flags({nodes});
    CHECK_FALSE(has(flags, "--gpu-bind="));
    CHECK_FALSE(has(flags, "--mem-bind"));
}

TEST_CASE("report: part of a node is not exclusive, and GPU numbers get a warning") {
    auto nodes = example_nodes();
    nodes.node.allowed = topology::CpuSet::parse("0-7");
    nodes.node.step_gpus = {1, 3};
    nodes.placement.tasks.resize(2);
    nodes.placement.tasks[0].gpus = {1};
    nodes.placement.tasks[1].gpus = {3};
    const std::string flags = srun_flags({nodes});
    CHECK(has(flags, "--gpus-per-node=2\n"));
    CHECK_FALSE(has(flags, "--exclusive"));
    CHECK(has(flags, "map_gpu:1,3"));
    CHECK(has(flags, "where Slurm constrains devices, those of the job, from 0"));
}

TEST_CASE("report: MIG instances have no GPU numbers in Slurm") {
    auto nodes = example_nodes();
    nodes.node.gpus[1].index = 0;
    nodes.node.gpus[0].mig_uuid = "MIG-a";
    nodes.node.gpus[1].mig_uuid = "MIG-b";
    CHECK_FALSE(has(srun_flags({nodes}), "--gpu-bind="));
    CHECK(has(srun_flags({nodes}), "--gpus-per-node=4 "));
}

TEST_CASE("report: kinds of nodes that bind alike share the flags, others get their own") {
    auto other = example_nodes();
    other.names = {"n2", "n3"};
    CHECK(has(srun_flags({example_nodes(), other}), "-N3 --ntasks-per-node=4"));
    other.placement.tasks.pop_back();
    const std::string flags = srun_flags({example_nodes(), other});
    CHECK(has(flags, "heterogeneous job"));
    CHECK(has(flags, " n1:\n  -N1 --ntasks-per-node=4"));
    CHECK(has(flags, " n[2-3]:\n  -N2 --ntasks-per-node=3"));
}
