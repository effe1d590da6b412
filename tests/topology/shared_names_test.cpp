// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/shared_names.hpp"

#include <doctest/doctest.h>

using namespace warpstep;
using topology::Gpu;
using topology::Node;

namespace {

Gpu gpu_at(unsigned bus, const std::string& instance = "") {
    Gpu gpu;
    gpu.pci = {0, bus, 0, 0};
    gpu.mig_uuid = instance;
    return gpu;
}

}  // namespace

TEST_CASE("topology: an instance that this task does not see is one GPU however many name it") {
    Node node;
    node.gpus = {gpu_at(0x1a, "MIG-own")};
    CHECK_EQ(topology::find_or_add_gpu(node, "0000:1a:00.0/MIG-own"), 0);
    CHECK_EQ(topology::find_or_add_gpu(node, "0000:1b:00.0/MIG-a"), 1);
    CHECK_EQ(topology::find_or_add_gpu(node, "0000:1b:00.0/MIG-a"), 1);
    CHECK_EQ(topology::find_or_add_gpu(node, "0000:1b:00.0/MIG-b"), 2);
    CHECK_EQ(topology::find_or_add_gpu(node, "0000:1c:00.0"), 3);
    CHECK_EQ(topology::find_or_add_gpu(node, "0000:1c:00.0"), 3);
    REQUIRE_EQ(node.gpus.size(), 4);
    CHECK_EQ(topology::shared_name(node.gpus[1]), "0000:1b:00.0/MIG-a");
    CHECK_EQ(topology::shared_name(node.gpus[3]), "0000:1c:00.0");
}
