// SPDX-License-Identifier: Apache-2.0
// A machine and a placement written by hand: what the reports must show is known without planning.
#pragma once

#include <fmt/format.h>

#include "runtime/report/placement_nodes.hpp"

namespace warpstep::testing {

/// Two packages of one NUMA node, each with 4 cores of 2 hardware threads (CPUs c and c + 8), two
/// GPUs, and an adapter beside the first of these.
inline topology::Node example_machine() {
    topology::Node node;
    node.source = "machine.xml";
    node.simulated = true;
    node.packages = 2;
    node.cpus = node.allowed = topology::CpuSet::parse("0-15");
    for (int c = 0; c < 8; ++c)
        node.cores.push_back({c, topology::CpuSet({c, c + 8}), c / 4, c / 4});
    for (int i = 0; i < 2; ++i) {
        const auto near = topology::CpuSet::parse(i == 0 ? "0-3,8-11" : "4-7,12-15");
        node.numa_nodes.push_back({i, near, std::uint64_t{64} << 30, true});
        for (int k = 0; k < 2; ++k) {
            topology::Gpu gpu;
            gpu.index = 2 * i + k;
            gpu.pci = {0, static_cast<unsigned>(0x10 + 0x10 * gpu.index), 0, 0};
            gpu.name = "NVIDIA A100-SXM4-40GB";
            gpu.uuid = fmt::format("GPU-0000000{}-1111-2222-3333-444444444444", gpu.index);
            gpu.numa = i;
            gpu.near_cpus = near;
            gpu.located = true;
            node.gpus.push_back(gpu);
        }
        topology::Nic nic;
        nic.name = fmt::format("mlx5_{}", i);
        nic.pci = {0, static_cast<unsigned>(0x11 + 0x20 * i), 0, 0};
        nic.numa = i;
        nic.near_cpus = near;
        node.nics.push_back(nic);
    }
    node.step_gpus = {0, 1, 2, 3};
    return node;
}

inline placement::Task example_task(int rank, const std::string& cpus, int cores) {
    placement::Task task;
    task.local_rank = rank;
    task.gpus = {rank};
    task.cpus = topology::CpuSet::parse(cpus);
    task.cores = cores;
    task.numa = {rank / 2};
    task.nics = {{rank / 2, rank % 2 == 0 ? placement::NicDistance::pci_switch
                                          : placement::NicDistance::numa}};
    return task;
}

/// One task for each GPU, two cores each.
inline report::PlacedNodes example_nodes() {
    report::PlacedNodes nodes{{"n1"}, example_machine(), {}};
    const char* const cpus[] = {"0-1,8-9", "2-3,10-11", "4-5,12-13", "6-7,14-15"};
    for (int rank = 0; rank < 4; ++rank)
        nodes.placement.tasks.push_back(example_task(rank, cpus[rank], 2));
    return nodes;
}

}  // namespace warpstep::testing
