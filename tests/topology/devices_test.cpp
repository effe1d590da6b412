// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/topology/described.hpp"

using namespace warpstep;
using namespace warpstep::topology;
using namespace warpstep::testing;

TEST_CASE("topology: GPUs carry identity and locality") {
    const Node node = discover(dgx_like());
    REQUIRE(node.gpus.size() == 8);
    CHECK(node.step_gpus.size() == 8);
    const Gpu& gpu = node.gpus[4];
    CHECK(show(gpu.pci) == "0000:5b:00.0");
    CHECK(gpu.name == "NVIDIA H100 80GB HBM3");
    CHECK(gpu.uuid == "GPU-000000a4-1111-2222-3333-444444444444");
    CHECK(gpu.serial == "1654004");
    CHECK(gpu.numa == 1);
    CHECK(gpu.located);
    CHECK(show(gpu.near_cpus) == "56-111,168-223");
}

TEST_CASE("topology: network adapters carry the name that NCCL uses") {
    MachineModel machine = dgx_like();
    machine.devices.push_back({"0000:f0:00.0", unlocated, 0x0200, 0x8086, 0x1563, "eth0", ""});
    const Node node = discover(machine);
    REQUIRE(node.nics.size() == 9);
    CHECK(node.nics[0].name == "mlx5_0");
    CHECK(node.nics[0].numa == 0);
    CHECK(node.nics[8].name == "eth0");
    CHECK(node.nics[8].numa == -1);
}

TEST_CASE("topology: GPUs are ordered by PCI address whatever their NUMA nodes") {
    const Node node = discover(rome_like());
    REQUIRE(node.gpus.size() == 4);
    const int numa[] = {3, 1, 7, 5};
    for (std::size_t i = 0; i < 4; ++i) CHECK(node.gpus[i].numa == numa[i]);
    CHECK(show(node.gpus[0].near_cpus) == "24-31");
}

TEST_CASE(
    "topology: a GPU that hangs on the whole machine is unlocated only if there are several NUMA "
    "nodes") {
    MachineModel machine;
    machine.gpus = {{"0000:00:05.0", unlocated, "", ""}};
    const Node single = discover(machine);
    REQUIRE(single.gpus.size() == 1);
    CHECK(single.gpus[0].located);
    CHECK(single.gpus[0].numa == 0);
    CHECK(single.gpus[0].uuid.empty());

    machine.packages = 2;
    const Node several = discover(machine);
    CHECK_FALSE(several.gpus[0].located);
    CHECK(several.gpus[0].numa == -1);
    CHECK(several.gpus[0].near_cpus == several.cpus);
}

TEST_CASE("topology: display adapters of management controllers are no GPUs") {
    MachineModel machine;
    machine.devices = {{"0000:02:00.0", 0, 0x0300, 0x1a03, 0x2000, "", ""},
                       {"0000:03:00.0", 0, 0x0300, 0x102b, 0x0522, "", ""},
                       {"0000:04:00.0", 0, 0x0300, 0x1002, 0x515e, "", ""},
                       {"0000:05:00.0", 0, 0x0108, 0x144d, 0xa80a, "", ""}};
    machine.gpus = {{"0000:06:00.0", 0, "", "", 0x0380, 0x1002, 0x740f},
                    {"0000:07:00.0", 0, "", "", 0x1200, 0x1002, 0x74a1},
                    {"0000:08:00.0", 0, "", "", 0x0300, 0x10de, 0x2684}};
    const Node node = discover(machine);
    REQUIRE(node.gpus.size() == 3);
    CHECK(node.gpus[0].pci.bus == 6);
    CHECK(node.nics.empty());
}

TEST_CASE("topology: a GPU has one entry whatever number of OS devices shows it") {
    MachineModel machine;
    machine.gpus = {{"0000:01:00.0", 0, "GPU-1", ""}};
    machine.gpus[0].memory_mib = 81920;
    const Node node = discover(machine);
    REQUIRE(node.gpus.size() == 1);
    CHECK(node.gpus[0].memory_bytes == std::uint64_t{80} << 30);
    CHECK(node.gpus[0].vendor == nvidia_vendor);
    CHECK(node.gpus[0].mig_uuid.empty());
    CHECK(node.gpus[0].visible_name() == "GPU-1");
    CHECK(node.notes.empty());
}

TEST_CASE("topology: the two functions of a board are two GPUs, several devices on one are one") {
    MachineModel machine;
    machine.gpus = {{"0000:05:00.0", 0, "GPU-a", ""}, {"0000:04:00.0", 0, "GPU-b", ""}};
    machine.gpus[1].more_uuids = {"GPU-c", "GPU-aa"};
    const Node node = discover(machine);
    REQUIRE(node.gpus.size() == 2);
    CHECK(node.gpus[0].index == 0);
    CHECK(node.gpus[0].uuid == "GPU-aa");  // the smallest, whatever their order
    CHECK(node.gpus[1].index == 1);
    REQUIRE(node.notes.size() == 1);
    CHECK(node.notes[0] ==
          "GPU 0000:04:00.0 has 3 devices on one PCI function; they count as one GPU");
}

TEST_CASE("topology: a GPU that hangs on a package of several NUMA nodes is located") {
    MachineModel machine;
    machine.packages = 2;
    machine.numa_per_package = 2;
    machine.gpus = {{"0000:01:00.0", unlocated, "", "", 0x0302, 0x10de, 0x2330, 1}};
    const Node node = discover(machine);
    REQUIRE(node.gpus.size() == 1);
    CHECK(node.gpus[0].located);
    CHECK(node.gpus[0].numa == -1);
    CHECK(show(node.gpus[0].near_cpus) == "8-15");
}

TEST_CASE("topology: MIG instances of a described GPU take its place") {
    MachineModel machine;
    machine.gpus = {{"0000:02:00.0", 0, "GPU-2", "77"}, {"0000:01:00.0", 0, "GPU-1", ""}};
    machine.gpus[0].mig = {"MIG-b,4864", "MIG-a, 9984", "MIG-c"};
    const Node node = discover(machine);
    REQUIRE(node.gpus.size() == 4);
    CHECK(node.gpus[0].mig_uuid.empty());
    const Gpu& first = node.gpus[1];
    CHECK(first.mig_uuid == "MIG-a");
    CHECK(first.visible_name() == "MIG-a");
    CHECK(first.uuid == "GPU-2");
    CHECK(first.serial == "77");
    CHECK(first.index == 1);
    CHECK(first.mig_index == 1);
    CHECK(first.memory_bytes == std::uint64_t{9984} << 20);
    CHECK(node.gpus[2].memory_bytes == std::uint64_t{4864} << 20);
    CHECK(node.gpus[3].memory_bytes == 0);
    CHECK(node.gpus[3].pci == first.pci);
    CHECK(node.gpus[3].index == 1);
    CHECK(node.step_gpus == std::vector<int>{0, 1, 2, 3});
    CHECK(node.visible_order == std::vector<int>{0, 2, 1, 3});

    NodeRequest request;
    request.visible_gpus = "MIG-c,MIG-a";
    CHECK(discover(machine, request).visible_order == std::vector<int>{3, 1});
}

TEST_CASE("topology: adapters with an OpenFabrics device or of a fabric's class are fabrics") {
    MachineModel machine;
    machine.devices = {{"0000:01:00.0", 0, 0x0200, 0x15b3, 0x101d, "eth0", "mlx5_0"},
                       {"0000:02:00.0", 0, 0x0200, 0x8086, 0x1563, "eth1", ""},
                       {"0000:03:00.0", 0, 0x0207, 0x15b3, 0x1021, "", ""},
                       {"0000:04:00.0", 0, 0x0208, 0x8086, 0x24f0, "", "hfi1_0"},
                       {"0000:05:00.0", 0, 0x0280, 0x8086, 0x2725, "wlan0", ""}};
    const Node node = discover(machine);
    REQUIRE(node.nics.size() == 4);
    CHECK(node.nics[0].fabric);
    CHECK(node.nics[0].name == "mlx5_0");
    CHECK_FALSE(node.nics[1].fabric);
    CHECK(node.nics[2].fabric);
    CHECK(node.nics[2].name.empty());
    CHECK(node.nics[3].fabric);
    CHECK(show(node.nics[1].near_cpus) == "0-3");
}

TEST_CASE("topology: devices that hwloc cannot hold are missed aloud") {
    MachineModel machine;
    machine.gpus = {{"10001:01:00.0", 0, "GPU-1", ""}, {"0001:01:00.0", 0, "GPU-2", ""}};
    const Node node = discover(machine);
    if (node.gpus.size() == 1) {
        REQUIRE(node.notes.size() == 1);
        CHECK(node.notes[0].find("1 PCI functions") == 0);
    } else {
        CHECK(node.gpus[1].pci.domain == 0x10001);
        CHECK(node.notes.empty());
    }
}
