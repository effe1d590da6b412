// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/discover.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <map>

#include "runtime/base/error.hpp"
#include "tests/topology/described.hpp"

using namespace warpstep;
using namespace warpstep::topology;
using namespace warpstep::testing;

TEST_CASE("topology: a DGX-like machine is read whole") {
    const Node node = discover(dgx_like());
    CHECK(node.simulated);
    CHECK(node.source != "live");
    CHECK(node.packages == 2);
    CHECK(node.cores.size() == 112);
    CHECK(show(node.cores[56].cpus) == "56,168");
    CHECK(node.cores[56].package == 1);
    CHECK(node.cores[56].numa == 1);
    CHECK(show(node.cpus) == "0-223");
    CHECK(node.allowed == node.cpus);
    REQUIRE(node.numa_nodes.size() == 2);
    CHECK(show(node.numa_nodes[1].cpus) == "56-111,168-223");
    CHECK(node.numa_nodes[1].memory_bytes == std::uint64_t{64} << 30);
    CHECK(node.numa_nodes[1].allowed);
}

TEST_CASE("topology: NUMA nodes without CPUs are kept, without CPUs") {
    MachineModel machine;
    machine.packages = 2;
    machine.cpuless_nodes = 2;
    machine.gpus = {{"0009:01:00.0", 1, "GPU-1", ""}};
    const Node node = discover(machine);
    REQUIRE(node.numa_nodes.size() == 4);
    CHECK(node.numa_nodes[1].cpus.size() == 4);
    CHECK(node.numa_nodes[2].cpus.empty());
    CHECK(node.numa_nodes[3].memory_bytes > 0);
    CHECK(node.gpus[0].numa == 1);
    CHECK(node.gpus[0].located);
    CHECK(node.gpus[0].pci.domain == 9);
}

TEST_CASE("topology: on one package the first of several NUMA nodes has the CPUs") {
    MachineModel machine;
    machine.cpuless_nodes = 1;
    machine.gpus = {{"0000:01:00.0", unlocated, "", ""}};
    const Node node = discover(machine);
    REQUIRE(node.numa_nodes.size() == 2);
    CHECK(node.numa_nodes[0].cpus == node.cpus);
    CHECK(node.numa_nodes[1].cpus.empty());
    CHECK(node.cores[3].numa == 0);
    CHECK(node.gpus[0].numa == 0);
    CHECK(node.gpus[0].located);
}

TEST_CASE("topology: the grant on a described machine must lie within it") {
    NodeRequest request;
    request.allowed_cpus = "0-7,112-119";
    request.visible_gpus = "GPU-000000a5,2";
    const Node node = discover(dgx_like(), request);
    CHECK(show(node.allowed) == "0-7,112-119");
    CHECK(node.cores.size() == 112);
    CHECK(node.step_gpus == std::vector<int>{2, 5});
    CHECK(node.visible_order == std::vector<int>{5, 2});

    for (const char* cpus : {"0-224", "", "abc"}) {
        CAPTURE(cpus);
        request.allowed_cpus = cpus;
        CHECK_THROWS_AS(discover(dgx_like(), request), ConfigError);
    }
    request.allowed_cpus.reset();
    request.visible_gpus = "8";
    CHECK_THROWS_AS(discover(dgx_like(), request), ConfigError);
}

TEST_CASE("topology: the live machine allows what this process may use") {
    const Node node = discover_node({});
    CHECK_FALSE(node.simulated);
    CHECK(node.source == "live");
    CHECK_FALSE(node.cores.empty());
    CHECK_FALSE(node.allowed.empty());
    CHECK(node.cpus.contains(node.allowed));
    cpu_set_t affinity;
    REQUIRE(sched_getaffinity(0, sizeof affinity, &affinity) == 0);
    for (const int cpu : node.allowed.cpus()) CHECK(CPU_ISSET(cpu, &affinity));
}

TEST_CASE("topology: the request is read from the environment") {
    std::map<std::string, std::string> variables;
    const auto lookup = [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    };
    NodeRequest request = node_request(lookup);
    CHECK_FALSE(request.xml);
    CHECK_FALSE(request.allowed_cpus);
    CHECK_FALSE(request.visible_gpus);
    CHECK_FALSE(request.nvml_library);

    variables = {{"WARPSTEP_TOPOLOGY", "a.xml"},
                 {"WARPSTEP_ALLOWED_CPUS", "0-3"},
                 {"SLURM_STEP_GPUS", "1"},
                 {"CUDA_DEVICE_ORDER", "PCI_BUS_ID"},
                 {"WARPSTEP_NVML_LIBRARY", "nvml.so"}};
    request = node_request(lookup);
    CHECK(request.xml == "a.xml");
    CHECK(request.allowed_cpus == "0-3");
    CHECK(request.slurm_gpus == "1");
    CHECK_FALSE(request.visible_gpus);
    CHECK(request.device_order == "PCI_BUS_ID");
    CHECK(request.nvml_library == "nvml.so");

    variables["CUDA_VISIBLE_DEVICES"] = "";
    variables["WARPSTEP_TOPOLOGY"] = "";
    variables["WARPSTEP_NVML_LIBRARY"] = "";
    request = node_request(lookup);
    CHECK(request.visible_gpus == "");
    CHECK_FALSE(request.xml);
    CHECK_FALSE(request.nvml_library);
}

TEST_CASE("topology: SLURM_STEP_GPUS counts only where CUDA_VISIBLE_DEVICES is unset") {
    NodeRequest request;
    request.slurm_gpus = "4-5";
    CHECK(discover(dgx_like(), request).step_gpus == std::vector<int>{4, 5});
    request.visible_gpus = "";
    CHECK(discover(dgx_like(), request).step_gpus.empty());
    request.visible_gpus = "7,6";
    CHECK(discover(dgx_like(), request).visible_order == std::vector<int>{7, 6});
}

TEST_CASE("topology: nodes without memory, offline CPUs and no I/O at all are read") {
    MachineModel machine;
    machine.packages = 2;
    machine.memory_bytes = 0;
    std::string xml = topology_xml(machine);
    const std::string complete = "complete_cpuset=\"0x000000ff\"";
    xml.replace(xml.find(complete), complete.size(), "complete_cpuset=\"0x0000ffff\"");
    const Node node = discover_xml(xml);
    CHECK(show(node.cpus) == "0-7");
    CHECK(show(node.allowed) == "0-7");
    REQUIRE(node.numa_nodes.size() == 2);
    CHECK(node.numa_nodes[0].memory_bytes == 0);
    CHECK(show(node.numa_nodes[1].cpus) == "4-7");
    CHECK(node.gpus.empty());
    CHECK(node.nics.empty());
    CHECK(node.numa_distances.empty());
    CHECK(node.notes.empty());
}

TEST_CASE("topology: NUMA distances are read in the order of the nodes and in one scale") {
    MachineModel machine;
    machine.packages = 2;
    machine.cpuless_nodes = 1;
    using Matrix = std::vector<std::vector<int>>;
    const Matrix matrix = {{10, 21, 80}, {22, 10, 120}, {80, 120, 10}};
    machine.distances = matrix;
    CHECK(discover(machine).numa_distances == matrix);
    machine.distances = {{100, 210, 800}, {220, 100, 1200}, {800, 1200, 100}};
    CHECK(discover(machine).numa_distances == matrix);
    machine.distances = {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}};
    CHECK(discover(machine).numa_distances.empty());
}

TEST_CASE("topology: a file of hwloc 1 is read") {
    const auto object = [](const char* type, const char* attributes, const std::string& inner) {
        return std::string("<object type=\"") + type + "\" " + attributes + ">" + inner +
               "</object>";
    };
    const auto sets = [](const char* cpus) {
        const std::string mask = cpus;
        return "cpuset=\"" + mask + "\" complete_cpuset=\"" + mask + "\" online_cpuset=\"" + mask +
               "\" allowed_cpuset=\"" + mask + "\" ";
    };
    std::string numas;
    for (int i = 0; i < 2; ++i) {
        const std::string cpus = sets(i == 0 ? "0x1" : "0x2"), index = std::to_string(i);
        const std::string nodes = i == 0 ? "nodeset=\"0x1\" complete_nodeset=\"0x1\""
                                         : "nodeset=\"0x2\" complete_nodeset=\"0x2\"";
        const std::string both = "os_index=\"" + index + "\" " + cpus + nodes;
        std::string inner = object("Core", both.c_str(), object("PU", both.c_str(), ""));
        if (i == 1)
            inner +=
                object("Bridge",
                       "os_index=\"1\" bridge_type=\"0-1\" depth=\"0\" bridge_pci=\"0000:[05-05]\"",
                       object("PCIDev",
                              "os_index=\"20480\" pci_busid=\"0000:05:00.0\" "
                              "pci_type=\"0302 [10de:1023] [10de:097e] a1\" pci_link_speed=\"0.0\"",
                              object("OSDev", "name=\"nvml0\" osdev_type=\"1\"",
                                     "<info name=\"NVIDIAUUID\" value=\"GPU-old\"/>")));
        numas += object("NUMANode", (both + " local_memory=\"1073741824\"").c_str(), inner);
    }
    const std::string machine =
        sets("0x3") +
        "os_index=\"0\" nodeset=\"0x3\" complete_nodeset=\"0x3\" allowed_nodeset=\"0x3\"";
    const Node node = discover_xml(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE topology SYSTEM \"hwloc.dtd\">\n"
        "<topology>" +
        object("Machine", machine.c_str(), numas) + "</topology>\n");
    CHECK(node.cores.size() == 2);
    CHECK(node.numa_nodes.size() == 2);
    REQUIRE(node.gpus.size() == 1);
    CHECK(node.gpus[0].uuid == "GPU-old");
    CHECK(node.gpus[0].numa == 1);
}
