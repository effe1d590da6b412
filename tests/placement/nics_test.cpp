// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "runtime/placement/placement.hpp"

using namespace warpstep::placement;
using warpstep::topology::CpuSet;
using warpstep::topology::Gpu;
using warpstep::topology::Nic;
using warpstep::topology::Node;
using warpstep::topology::PciPath;

namespace {

/// Two packages, one NUMA node of four cores each.
Node two_packages() {
    Node node;
    node.packages = 2;
    for (int numa = 0; numa < 2; ++numa) {
        CpuSet cpus;
        for (int core = 4 * numa; core < 4 * numa + 4; ++core) {
            node.cores.push_back({core, CpuSet(std::vector<int>{core}), numa, numa});
            cpus.add(core);
        }
        node.numa_nodes.push_back({numa, cpus, 1, true});
        node.cpus = node.cpus | cpus;
    }
    node.allowed = node.cpus;
    return node;
}

template <typename Device>
Device on(const Node& node, int numa, unsigned bus, PciPath path) {
    Device device;
    device.pci.bus = bus;
    device.numa = numa;
    device.near_cpus = node.numa_nodes[static_cast<std::size_t>(numa)].cpus;
    device.path = std::move(path);
    return device;
}

void add_gpu(Node& node, int numa, PciPath path) {
    Gpu gpu = on<Gpu>(node, numa, static_cast<unsigned>(1 + node.gpus.size()), std::move(path));
    gpu.located = true;
    node.step_gpus.push_back(static_cast<int>(node.gpus.size()));
    node.gpus.push_back(gpu);
}

void add_nic(Node& node, int numa, PciPath path, bool fabric = true) {
    Nic nic = on<Nic>(node, numa, static_cast<unsigned>(100 + node.nics.size()), std::move(path));
    nic.fabric = fabric;
    node.nics.push_back(nic);
}

Placement plan_tasks(const Node& node, int tasks) {
    Request request;
    request.tasks = tasks;
    return plan(node, request);
}

}  // namespace

TEST_CASE("placement: a shared switch comes before a host bridge, NUMA node, package, machine") {
    Node node = two_packages();
    add_gpu(node, 0, {1, 2, 3});
    const auto paired = [&] { return plan_tasks(node, 1).tasks[0].nics.at(0); };
    node.nics.push_back({});
    node.nics[0].near_cpus = node.cpus;
    node.nics[0].fabric = true;
    CHECK(paired() == TaskNic{0, NicDistance::machine});
    add_nic(node, 0, {});
    node.nics[1].numa = -1;
    CHECK(paired() == TaskNic{1, NicDistance::package});
    add_nic(node, 0, {9});
    CHECK(paired() == TaskNic{2, NicDistance::numa});
    add_nic(node, 0, {1, 8});
    CHECK(paired() == TaskNic{3, NicDistance::host_bridge});
    add_nic(node, 0, {1, 2});
    CHECK(paired() == TaskNic{4, NicDistance::pci_switch});
}

TEST_CASE("placement: only fabric adapters count where there is one") {
    Node node = two_packages();
    add_gpu(node, 0, {1, 2});
    add_nic(node, 0, {1, 2}, false);
    CHECK(plan_tasks(node, 1).tasks[0].nics.at(0).nic == 0);
    add_nic(node, 1, {7}, true);
    CHECK(plan_tasks(node, 1).tasks[0].nics.at(0) == TaskNic{1, NicDistance::machine});
}

TEST_CASE("placement: adapters that are equally near are used equally") {
    Node node = two_packages();
    for (int i = 0; i < 4; ++i) add_gpu(node, 0, {1, 10 + i});
    for (int i = 0; i < 2; ++i) add_nic(node, 0, {1, 20 + i});
    std::vector<int> users(2);
    for (const Task& task : plan_tasks(node, 4).tasks)
        ++users[static_cast<std::size_t>(task.nics.at(0).nic)];
    CHECK(users == std::vector<int>{2, 2});
}

TEST_CASE("placement: a GPU with a choice leaves the only adapter of another to it") {
    Node node = two_packages();
    add_gpu(node, 0, {1});     // both adapters are behind its host bridge
    add_gpu(node, 0, {1, 5});  // only the first is behind its switch
    add_nic(node, 0, {1, 5});
    add_nic(node, 0, {1, 6});
    const Placement placement = plan_tasks(node, 2);
    CHECK(placement.tasks[0].nics.at(0).nic == 1);
    CHECK(placement.tasks[1].nics.at(0).nic == 0);
}

TEST_CASE("placement: several GPUs have an adapter each, a task without GPUs one near its cores") {
    Node node = two_packages();
    add_nic(node, 0, {});
    add_nic(node, 1, {});
    const Placement host = plan_tasks(node, 2);
    CHECK(host.tasks[0].nics == std::vector<TaskNic>{{0, NicDistance::numa}});
    CHECK(host.tasks[1].nics == std::vector<TaskNic>{{1, NicDistance::numa}});
    add_gpu(node, 0, {});
    add_gpu(node, 1, {});
    CHECK(plan_tasks(node, 1).tasks[0].nics ==
          std::vector<TaskNic>{{0, NicDistance::numa}, {1, NicDistance::numa}});
    node.nics.clear();
    CHECK(plan_tasks(node, 1).tasks[0].nics.empty());
}
