// SPDX-License-Identifier: Apache-2.0
// GPUs of a node and of a task, asked for in a real child process over the NVML stand-in
// (tests/support/fake_nvml.cpp).
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>

#include "runtime/check/collect.hpp"
#include "tests/check/described_machine.hpp"

using namespace warpstep;
using namespace warpstep::check;
using test::DescribedMachine;

namespace {

constexpr char two_gpus[] =
    "driver 580.65.06\ncuda 13000\n"
    "gpu 0000:1b:00.0 GPU-aaaa 81559 1650001 1 NVIDIA H100 80GB HBM3\nminor 0\nhealthy\n"
    "gpu 0000:9d:00.0 GPU-bbbb 81559 1650002 2 NVIDIA H100 80GB HBM3\nminor 1\nhealthy\n";

/// Sources whose child sees what the stand-in is told to show.
Sources sources_of(const DescribedMachine& machine, const std::string& shown) {
    machine.write("nvml", shown);
    Sources sources = machine.sources();
    sources.env["WARPSTEP_NVML_LIBRARY"] = FAKE_NVML_NEW_LIBRARY;
    sources.program = WARPSTEP_GPU_CHILD;
    sources.run = [file = machine.path("nvml")](process::ChildCommand command,
                                                std::chrono::milliseconds limit) {
        command.variables = {"FAKE_NVML=" + file,
                             "WARPSTEP_NVML_LIBRARY=" + std::string(FAKE_NVML_NEW_LIBRARY)};
        return process::run_child(command, limit);
    };
    return sources;
}

NodeFacts node_of(const DescribedMachine& machine, const std::string& shown) {
    return collect_node(sources_of(machine, shown), topology::Node());
}

}  // namespace

TEST_CASE("check: NVML's readings of a healthy GPU arrive, each in its place") {
    const NodeFacts node = node_of(DescribedMachine(), two_gpus);
    CHECK(node.collector_problem == "");
    CHECK(node.gpu_problem == "");
    CHECK(node.driver == "580.65.06");
    CHECK(node.cuda_driver_version == 13000);
    CHECK(node.has_nvidia);
    REQUIRE(node.gpus.size() == 2);
    const GpuFacts& gpu = node.gpus[1];
    CHECK(gpu.uuid == "GPU-bbbb");
    CHECK(gpu.serial == "1650002");
    CHECK(gpu.pci == "0000:9d:00.0");
    CHECK(gpu.vbios == "96.00.89.00.01");
    CHECK(gpu.index == 1);
    CHECK(gpu.minor == 1);
    CHECK(gpu.memory_bytes == std::uint64_t{81559} << 20);
    CHECK(gpu.utilization_percent == 0u);
    CHECK(gpu.health.ecc_current == true);
    CHECK(gpu.health.ecc_volatile_uncorrectable == 0u);
    CHECK(gpu.health.remap_histogram->max == 640);
    CHECK(gpu.health.remap_failed == false);
    CHECK(gpu.health.recovery_action == 0u);
    CHECK_FALSE(gpu.health.retired_pages.has_value());  // its generation has none
    CHECK(gpu.speed.power_mw == 72000u);
    CHECK(gpu.speed.power_default_mw == 700000u);
    CHECK(gpu.speed.power_max_mw == 700000u);
    CHECK(gpu.speed.sm_mhz == 1980u);
    CHECK(gpu.speed.memory_max_mhz == 2619u);
    CHECK(gpu.speed.sm_default_application_mhz == 1980u);
    CHECK(gpu.speed.temperature_slowdown_c == 89u);
    CHECK(gpu.modes.persistence == true);
    CHECK(gpu.modes.mig_current == false);
    CHECK(gpu.links.nvlinks_supported == 18u);
    CHECK(gpu.links.nvlinks_active == 18u);
    CHECK(gpu.links.nvlink_errors == 0u);
    CHECK(gpu.links.fabric_state == 3u);
    CHECK(gpu.links.pcie_gen == 5u);
    CHECK(gpu.links.pcie_max_width == 16u);
}

TEST_CASE("check: NVML's readings of a GPU with everything wrong arrive") {
    const NodeFacts node = node_of(
        DescribedMachine(),
        std::string(two_gpus) +
            "used 512\nutilization 97\necc 0 1\necc_volatile 5 6\necc_aggregate 7 8\nsram 9 1\n"
            "remapped 1 2 1 1\nremap_banks 636 0 0 3 1\nretired 11 1\nrecovery 2\nthrottle 88\n"
            "violation 1 2 3 4\npower 700000 500000\nclocks 1200 2619\napplication_clocks 1500 "
            "1980\ntemperature 91\npersistence 0\ncompute_mode 3\nmig_pending 1\nnvlinks 18 16 "
            "44\nfabric 2 999\npcie 1 8 5 16 3\n");
    REQUIRE(node.gpus.size() == 2);
    const GpuFacts& gpu = node.gpus[1];
    CHECK(gpu.memory_used_bytes == std::uint64_t{512} << 20);
    CHECK(gpu.utilization_percent == 97u);
    CHECK(gpu.health.ecc_current == false);
    CHECK(gpu.health.ecc_pending == true);
    CHECK(gpu.health.ecc_volatile_correctable == 5u);
    CHECK(gpu.health.ecc_volatile_uncorrectable == 6u);
    CHECK(gpu.health.ecc_aggregate_uncorrectable == 8u);
    CHECK(gpu.health.ecc_aggregate_sram_uncorrectable == 9u);
    CHECK(gpu.health.sram_threshold_exceeded == true);
    CHECK(gpu.health.remapped_correctable == 1u);
    CHECK(gpu.health.remapped_uncorrectable == 2u);
    CHECK(gpu.health.remap_pending == true);
    CHECK(gpu.health.remap_failed == true);
    CHECK(gpu.health.remap_histogram->low == 3);
    CHECK(gpu.health.remap_histogram->none == 1);
    CHECK(gpu.health.retired_pages == 11u);
    CHECK(gpu.health.retired_pending == true);
    CHECK(gpu.health.recovery_action == 2u);
    CHECK(gpu.speed.throttle_reasons == 0x88u);
    CHECK(gpu.speed.violation_power_ns == 1u);
    CHECK(gpu.speed.violation_thermal_ns == 2u);
    CHECK(gpu.speed.violation_board_ns == 3u);
    CHECK(gpu.speed.violation_reliability_ns == 4u);
    CHECK(gpu.speed.power_limit_mw == 500000u);
    CHECK(gpu.speed.sm_mhz == 1200u);
    CHECK(gpu.speed.sm_application_mhz == 1500u);
    CHECK(gpu.speed.temperature_c == 91u);
    CHECK(gpu.modes.persistence == false);
    CHECK(gpu.modes.compute_mode == 3);
    CHECK(gpu.modes.mig_pending == true);
    CHECK(gpu.links.nvlinks_active == 16u);
    CHECK(gpu.links.nvlink_errors == 44u);
    CHECK(gpu.links.fabric_state == 2u);
    CHECK(gpu.links.fabric_status == 999);
    CHECK(gpu.links.pcie_width == 8u);
    CHECK(gpu.links.pcie_replays == 3u);
}

TEST_CASE("check: what a GPU does not support stays empty") {
    const NodeFacts node =
        node_of(DescribedMachine(), "driver 580.65.06\ngpu 0000:1b:00.0 GPU-aaaa 1024 - 0 Small\n");
    REQUIRE(node.gpus.size() == 1);
    const GpuFacts& gpu = node.gpus[0];
    CHECK(gpu.serial.empty());
    CHECK(gpu.minor == -1);
    CHECK_FALSE(gpu.utilization_percent.has_value());
    CHECK_FALSE(gpu.health.ecc_current.has_value());
    CHECK_FALSE(gpu.health.recovery_action.has_value());
    CHECK_FALSE(gpu.speed.power_mw.has_value());
    CHECK_FALSE(gpu.speed.throttle_reasons.has_value());
    CHECK_FALSE(gpu.links.nvlinks_supported.has_value());
    CHECK_FALSE(gpu.links.nvlink_errors.has_value());
    CHECK_FALSE(gpu.links.fabric_state.has_value());
}

TEST_CASE("check: MIG instances are told by UUID") {
    const NodeFacts node =
        node_of(DescribedMachine(),
                "gpu 0000:1b:00.0 GPU-aaaa 1024 - 0 H100\nmig\ninstance 0 MIG-1 9728 1 0\n"
                "instance 3 MIG-2 9728 2 0\n");
    REQUIRE(node.gpus.size() == 1);
    CHECK(node.gpus[0].modes.mig_current == true);
    CHECK(node.gpus[0].modes.mig_instances == std::vector<std::string>{"MIG-1", "MIG-2"});
}

TEST_CASE("check: a GPU is granted when its device, or one of its instances, is in the list") {
    const DescribedMachine machine;
    for (const char* name : {"1b", "9d", "c3"})
        machine.add_gpu(std::string("0000:") + name + ":00.0", -1, std::string("GPU-") + name);
    topology::Node node;
    for (const char* name : {"1b", "9d", "c3"}) {
        topology::Gpu gpu;
        gpu.pci = *topology::PciAddress::parse(std::string("0000:") + name + ":00.0");
        gpu.vendor = topology::nvidia_vendor;
        node.gpus.push_back(gpu);
    }
    node.step_gpus = {2};
    Sources sources = sources_of(
        machine,
        "gpu 0000:1b:00.0 GPU-1b 1024 - 0 H100\nmig\ninstance 0 MIG-1 9728 1 0\n"
        "gpu 0000:9d:00.0 GPU-9d 1024 - 0 H100\ngpu 0000:c3:00.0 GPU-c3 1024 - 0 H100\n");
    sources.env["CUDA_VISIBLE_DEVICES"] = "MIG-1";
    const NodeFacts facts = collect_node(sources, node);
    REQUIRE(facts.gpus.size() == 3);
    CHECK(facts.gpus[0].granted);
    CHECK_FALSE(facts.gpus[1].granted);
    CHECK(facts.gpus[2].granted);
}

TEST_CASE("check: a child that hangs in NVML is a problem of the collector, not ours") {
    const DescribedMachine machine;
    machine.add_gpu("0000:1b:00.0", 0, "GPU-aaaa");
    Sources sources = sources_of(machine, "hang 60\n" + std::string(two_gpus));
    sources.gpu_limit = std::chrono::milliseconds(300);
    const NodeFacts node = collect_node(sources, topology::Node());
    CHECK(node.collector_problem == "the process that asks NVML did not end within 1 s");
    REQUIRE(node.gpus.size() == 1);  // what the bus shows
    CHECK(node.gpus[0].in_nvml);     // nobody knows
    CHECK(node.gpus[0].uuid == "GPU-aaaa");
    const RankFacts rank = collect_rank(sources);
    CHECK_FALSE(rank.nvml_gpus.has_value());
    CHECK(rank.nvml_problem.find("did not end") != std::string::npos);
}

TEST_CASE("check: a single GPU that hangs hides the others, too") {
    const DescribedMachine machine;
    Sources sources = sources_of(machine, std::string(two_gpus) + "hang 60\n");
    sources.gpu_limit = std::chrono::milliseconds(300);
    CHECK_FALSE(collect_node(sources, topology::Node()).collector_problem.empty());
    sources.gpu_limit = std::chrono::milliseconds(20'000);
    CHECK(collect_rank(sources).nvml_gpus->size() == 2);  // the list needs no reading
}

TEST_CASE("check: NVML that refuses to start is told with its words") {
    const DescribedMachine machine;
    machine.add_gpu("0000:1b:00.0", 0, "GPU-aaaa");
    const NodeFacts node = node_of(machine, "init 18\n");
    CHECK(node.gpu_problem == "Driver/library version mismatch (NVML error 18)");
    REQUIRE(node.gpus.size() == 1);
    CHECK(node.gpus[0].in_nvml);
    Sources sources = sources_of(machine, "");
    sources.program = "/nowhere/warpstep";
    CHECK(collect_node(sources, topology::Node()).collector_problem.find("could not be started") !=
          std::string::npos);
}

TEST_CASE("check: a GPU of the bus that NVML does not list, or refuses, is told apart") {
    const DescribedMachine machine;
    machine.add_gpu("0000:1b:00.0", 0, "GPU-aaaa");
    machine.add_gpu("0000:9d:00.0", 1, "GPU-bbbb");
    machine.add_gpu("0000:c3:00.0", 2, "GPU-cccc");
    const NodeFacts node = node_of(
        machine,
        "gpu 0000:1b:00.0 GPU-aaaa 1024 - 0 H100\nminor 0\ngpu 0000:9d:00.0 GPU-bbbb 1024 - 0 "
        "H100\nstatus 15\n");
    CHECK(node.device_files == 3);
    REQUIRE(node.gpus.size() == 3);
    CHECK(node.gpus[0].in_nvml);
    CHECK(node.gpus[0].on_bus);
    CHECK(node.gpus[0].numa == 1);
    CHECK(node.gpus[0].near_cpus == "56-111");
    CHECK(node.gpus[0].openable == true);
    CHECK(node.gpus[1].problem == "GPU is lost (NVML error 15)");
    CHECK(node.gpus[1].uuid == "GPU-bbbb");  // the driver's file still knows it
    CHECK(node.gpus[1].in_nvml);
    CHECK_FALSE(node.gpus[2].in_nvml);
    CHECK(node.gpus[2].uuid == "GPU-cccc");
}

TEST_CASE("check: a GPU that the task may not open is not granted") {
    const DescribedMachine machine;
    machine.add_gpu("0000:1b:00.0", 0, "GPU-aaaa");
    const NodeFacts node = node_of(machine, "gpu 0000:1b:00.0 GPU-aaaa 1 - 0 H100\nstatus 4\n");
    REQUIRE(node.gpus.size() == 1);
    CHECK_FALSE(node.gpus[0].granted);
}

TEST_CASE("check: who uses a GPU is looked up by process id") {
    const DescribedMachine machine;
    std::filesystem::create_directories(machine.path("claims/GPU-bbbb"));
    machine.write("claims/GPU-bbbb/" + std::to_string(::getpid()), "2048\n");
    const NodeFacts node = node_of(machine, "process_directory " + machine.path("claims") + "\n" +
                                                two_gpus + "processes 4000000 512\n");
    REQUIRE(node.gpus.size() == 2);
    CHECK(node.gpus[0].processes.empty());
    REQUIRE(node.gpus[1].processes.size() == 2);
    CHECK(node.gpus[1].processes[0].pid == 4000000);  // of no process that is here
    CHECK(node.gpus[1].processes[0].memory_bytes == std::uint64_t{512} << 20);
    CHECK(node.gpus[1].processes[0].command.empty());
    const GpuProcess& own = node.gpus[1].processes[1];
    CHECK(own.pid == ::getpid());
    CHECK(own.memory_bytes == std::uint64_t{2048} << 20);
    CHECK(own.command.find("collect_gpus_test") != std::string::npos);
    CHECK_FALSE(own.user.empty());
}

TEST_CASE("check: a task lists the GPUs that NVML shows it") {
    const DescribedMachine machine;
    machine.add_gpu("0000:1b:00.0", 0, "GPU-aaaa");
    const RankFacts facts = collect_rank(sources_of(machine, two_gpus));
    CHECK(facts.driver == "580.65.06");
    REQUIRE(facts.nvml_gpus.has_value());
    REQUIRE(facts.nvml_gpus->size() == 2);
    CHECK((*facts.nvml_gpus)[0].uuid == "GPU-aaaa");
    CHECK((*facts.nvml_gpus)[0].openable == true);
    CHECK((*facts.nvml_gpus)[1].pci == "0000:9d:00.0");
    CHECK((*facts.nvml_gpus)[1].minor == 1);
    CHECK_FALSE((*facts.nvml_gpus)[1].openable.has_value());  // it has no file
    CHECK_FALSE(facts.uvm_openable.has_value());
}
