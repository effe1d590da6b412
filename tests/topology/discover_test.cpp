// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/discover.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <map>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "tests/support/topology_xml.hpp"

using namespace warpstep;
using namespace warpstep::topology;
using namespace warpstep::testing;

namespace {

Node discover(const MachineModel& machine, NodeRequest request = {}) {
    const TemporaryFile file(topology_xml(machine));
    request.xml = file.path();
    return discover_node(request);
}

/// The message of the ConfigError that reading this XML gives, and what hwloc wrote to stderr
/// meanwhile.
std::pair<std::string, std::string> refusal(const std::string& xml) {
    const TemporaryFile file(xml), noise("");
    const int saved = dup(STDERR_FILENO);
    const int capture = open(noise.path().c_str(), O_WRONLY);
    dup2(capture, STDERR_FILENO);
    std::string message;
    try {
        NodeRequest request;
        request.xml = file.path();
        discover_node(request);
    } catch (const ConfigError& error) {
        message = error.what();
    }
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(capture);
    return {message, read_file(noise.path())};
}

}  // namespace

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

    for (const char* cpus : {"0-224", "", "abc"}) {
        CAPTURE(cpus);
        request.allowed_cpus = cpus;
        CHECK_THROWS_AS(discover(dgx_like(), request), ConfigError);
    }
    request.allowed_cpus.reset();
    request.visible_gpus = "8";
    CHECK_THROWS_AS(discover(dgx_like(), request), ConfigError);
}

TEST_CASE("topology: what is no hwloc topology is refused in one quiet line") {
    const std::string good = topology_xml(rome_like());
    std::string version_3 = good;
    version_3.replace(version_3.find("version=\"2.0\""), 13, "version=\"3.0\"");
    std::string no_pus = good;
    while (no_pus.find("\"PU\"") != no_pus.npos) no_pus.replace(no_pus.find("\"PU\""), 4, "\"XX\"");
    for (const std::string& xml :
         {std::string(), std::string("not XML"), std::string("<topology"),
          std::string("<topology version=\"2.0\"/>"), good.substr(0, good.size() / 2),
          good.substr(0, 400), version_3, no_pus}) {
        CAPTURE(xml.substr(0, 120));
        const auto [message, noise] = refusal(xml);
        CHECK_FALSE(message.empty());
        CHECK(message.find('\n') == message.npos);
        CHECK(noise == "");
    }
    CHECK(refusal(version_3).first.find("--export-xml-flags v2") != std::string::npos);

    NodeRequest request;
    request.xml = "/nonexistent/machine.xml";
    CHECK_THROWS_AS(discover_node(request), ConfigError);
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

    variables = {
        {"WARPSTEP_TOPOLOGY", "a.xml"}, {"WARPSTEP_ALLOWED_CPUS", "0-3"}, {"SLURM_STEP_GPUS", "1"}};
    request = node_request(lookup);
    CHECK(request.xml == "a.xml");
    CHECK(request.allowed_cpus == "0-3");
    CHECK(request.visible_gpus == "1");

    variables["CUDA_VISIBLE_DEVICES"] = "";
    variables["WARPSTEP_TOPOLOGY"] = "";
    request = node_request(lookup);
    CHECK(request.visible_gpus == "");
    CHECK_FALSE(request.xml);
}
