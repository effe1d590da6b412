// SPDX-License-Identifier: Apache-2.0
// Against a stand-in for NVIDIA's library (tests/support/fake_nvml.cpp).
#include "runtime/topology/nvml.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/topology/described.hpp"

using namespace warpstep;
using namespace warpstep::topology;
using namespace warpstep::testing;

namespace {

NvmlReading reading_of(const std::string& shown, const char* library = FAKE_NVML_NEW_LIBRARY) {
    const TemporaryFile file(shown);
    setenv("FAKE_NVML", file.path().c_str(), 1);
    NvmlReading reading = read_nvml(library);
    unsetenv("FAKE_NVML");
    return reading;
}

/// Two NUMA nodes with two GPUs that PCI shows without saying more than where they are.
Node two_by_pci() {
    MachineModel machine;
    machine.packages = 2;
    machine.gpus = {{"0000:1b:00.0", 0, "", ""}, {"0000:9d:00.0", 1, "", ""}};
    return discover(machine);
}

Node merged(const std::string& shown, Node node) {
    add_nvml(reading_of(shown), node);
    return node;
}

const std::string two_gpus =
    "driver 580.65.06\n"
    "gpu 00000000:1B:00.0 GPU-aaaa 81559 1650001 1 NVIDIA H100 80GB HBM3\n"
    "gpu 00000000:9D:00.0 GPU-bbbb 81559 - 0 NVIDIA H100 80GB HBM3\n";
const std::string instances = "mig\ninstance 0 MIG-2222 9728 1 0\ninstance 3 MIG-1111 19968 2 0\n";

std::string all_notes(const Node& node) {
    std::string text;
    for (const std::string& note : node.notes) text += note + "\n";
    return text;
}

}  // namespace

TEST_CASE("topology: NVML tells identity and memory of the GPUs that PCI shows") {
    const Node node = merged(two_gpus, two_by_pci());
    CHECK(node.driver == "580.65.06");
    CHECK(node.nvml_problem.empty());
    REQUIRE(node.gpus.size() == 2);
    CHECK(node.gpus[0].uuid == "GPU-aaaa");
    CHECK(node.gpus[0].serial == "1650001");
    CHECK(node.gpus[0].memory_bytes == std::uint64_t{81559} << 20);
    CHECK(node.gpus[0].numa == 0);
    CHECK(node.gpus[1].uuid == "GPU-bbbb");
    CHECK(node.gpus[1].serial.empty());
    CHECK(node.gpus[1].numa == 1);
    CHECK(node.gpus[1].path.size() == 1);
    CHECK(node.notes.empty());
}

TEST_CASE("topology: what was known before NVML was asked stays") {
    Node node = two_by_pci();
    node.gpus[0].uuid = "GPU-known";
    node.gpus[0].memory_bytes = 5;
    node = merged(two_gpus, node);
    CHECK(node.gpus[0].uuid == "GPU-known");
    CHECK(node.gpus[0].memory_bytes == 5);
    CHECK(node.gpus[0].serial == "1650001");
}

TEST_CASE("topology: a GPU that PCI does not show is added where NVML says it is") {
    MachineModel machine;
    machine.packages = 2;
    const Node node =
        merged("gpu 00010000:05:00.0 GPU-v 100 - 2 V\ngpu 0000:04:00.0 GPU-u 100 - 3 U\n",
               discover(machine));
    REQUIRE(node.gpus.size() == 2);
    CHECK(node.gpus[0].uuid == "GPU-u");
    CHECK_FALSE(node.gpus[0].located);  // near both
    CHECK(node.gpus[1].pci.domain == 0x10000);
    CHECK(node.gpus[1].located);
    CHECK(node.gpus[1].numa == 1);
    CHECK(node.gpus[1].index == 1);
    CHECK(show(node.gpus[1].near_cpus) == "4-7");
    CHECK(node.gpus[1].path.empty());
}

TEST_CASE("topology: GPUs that a cgroup hides stay and do not count in CUDA's list") {
    for (const std::string& shown :
         {std::string("gpu 0000:9d:00.0 GPU-bbbb 100 - 0 H100\n"),
          std::string("gpu 0000:1b:00.0 GPU-aaaa 100 - 0 H100\nstatus 4\ngpu 0000:9d:00.0 GPU-bbbb "
                      "100 - 0 H100\n")}) {
        const Node node = merged(shown, two_by_pci());
        REQUIRE(node.gpus.size() == 2);
        CHECK_FALSE(node.gpus[0].visible);
        CHECK(node.gpus[0].index == 0);
        CHECK(node.gpus[1].visible);
        CHECK(node.notes.empty());
    }
}

TEST_CASE("topology: a GPU that is lost is said and not visible") {
    const Node node = merged("gpu 0000:1b:00.0 GPU-aaaa 100 - 0 H100\nstatus 15\n", two_by_pci());
    CHECK_FALSE(node.gpus[0].visible);
    CHECK(all_notes(node) == "GPU 0 does not answer: GPU is lost (NVML error 15)\n");
}

TEST_CASE("topology: a GPU in MIG mode is replaced by its instances") {
    const Node node = merged(two_gpus + instances, two_by_pci());
    REQUIRE(node.gpus.size() == 3);
    CHECK(node.gpus[0].mig_uuid.empty());
    CHECK(node.gpus[1].mig_uuid == "MIG-1111");
    CHECK(node.gpus[1].mig_index == 1);
    CHECK(node.gpus[1].mig_path == "2/0");
    CHECK(node.gpus[1].memory_bytes == std::uint64_t{19968} << 20);
    CHECK(node.gpus[1].uuid == "GPU-bbbb");
    CHECK(node.gpus[1].index == 1);
    CHECK(node.gpus[1].numa == 1);
    CHECK(node.gpus[2].mig_uuid == "MIG-2222");
    CHECK(node.gpus[2].pci == node.gpus[1].pci);
    CHECK(node.gpus[2].usable);
}

TEST_CASE("topology: a GPU in MIG mode without instances is not usable, and said") {
    const Node node = merged(two_gpus + "mig\n", two_by_pci());
    REQUIRE(node.gpus.size() == 2);
    CHECK(node.gpus[0].usable);
    CHECK_FALSE(node.gpus[1].usable);
    CHECK(node.gpus[1].visible);
    CHECK(all_notes(node).find("GPU 0000:9d:00.0 is in MIG mode without instances") == 0);
}

TEST_CASE("topology: an NVML that does not start is a fact, and the GPUs stay as they are") {
    const NvmlReading mismatch = reading_of("init 18\n" + two_gpus);
    CHECK(mismatch.problem == "Driver/library version mismatch (NVML error 18)");
    CHECK(mismatch.gpus.empty());
    CHECK(reading_of("init 999\n").problem == "Unknown Error (NVML error 999)");

    Node node = two_by_pci();
    add_nvml(mismatch, node);
    CHECK(node.nvml_problem == mismatch.problem);
    CHECK(node.gpus.size() == 2);
    CHECK(node.gpus[0].visible);
}

TEST_CASE("topology: an NVML that is absent, no library or lacks functions is a fact") {
    CHECK(read_nvml("libwarpstep-nothing.so.1").problem.find("libwarpstep-nothing.so.1") == 0);
    CHECK_FALSE(read_nvml("/etc/hostname").problem.empty());
    CHECK(reading_of("", FAKE_NVML_BROKEN_LIBRARY).problem.find("lacks functions") !=
          std::string::npos);
}

TEST_CASE("topology: an NVML without MIG and without newer functions tells what it knows") {
    const NvmlReading reading = reading_of(two_gpus + instances, FAKE_NVML_OLD_LIBRARY);
    CHECK(reading.problem.empty());
    CHECK(reading.driver.empty());
    REQUIRE(reading.gpus.size() == 2);
    CHECK(reading.gpus[1].uuid == "GPU-bbbb");
    CHECK(reading.gpus[1].name.empty());
    CHECK(reading.gpus[1].memory_bytes == 0);
    CHECK_FALSE(reading.gpus[1].mig);
    CHECK(reading_of("init 9\n", FAKE_NVML_OLD_LIBRARY).problem == "unknown (NVML error 9)");
}

TEST_CASE("topology: NVML without GPUs hides those of PCI and is no problem") {
    const Node node = merged("driver 1\n", two_by_pci());
    CHECK(node.nvml_problem.empty());
    CHECK_FALSE(node.gpus[0].visible);
    CHECK_FALSE(node.gpus[1].visible);
}

TEST_CASE("topology: the live machine asks the library that the request names") {
    const TemporaryFile file(two_gpus + instances);
    setenv("FAKE_NVML", file.path().c_str(), 1);
    NodeRequest request;
    request.nvml_library = FAKE_NVML_NEW_LIBRARY;
    request.visible_gpus = "MIG-1111,GPU-aaaa";
    const Node node = discover_node(request);
    unsetenv("FAKE_NVML");
    CHECK(node.driver == "580.65.06");
    REQUIRE(node.visible_order.size() == 2);
    CHECK(node.gpus[static_cast<std::size_t>(node.visible_order[0])].mig_uuid == "MIG-1111");
    CHECK(node.gpus[static_cast<std::size_t>(node.visible_order[1])].uuid == "GPU-aaaa");

    request.nvml_library = "libwarpstep-nothing.so.1";
    request.visible_gpus.reset();
    CHECK_FALSE(discover_node(request).nvml_problem.empty());
}

TEST_CASE("topology: a described machine does not ask NVML") {
    NodeRequest request;
    request.nvml_library = "libwarpstep-nothing.so.1";
    const Node node = discover(rome_like(), request);
    CHECK(node.nvml_problem.empty());
    CHECK(node.driver.empty());
}
