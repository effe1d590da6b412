// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/discover.hpp"

#include <hwloc.h>

#include <cerrno>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/topology/hwloc_topology.hpp"
#include "runtime/topology/nvidia_driver.hpp"
#include "runtime/topology/read.hpp"
#include "runtime/topology/visible_gpus.hpp"

namespace warpstep::topology {

namespace {

/// What the calling thread may use: its affinity within what the cgroup allows.
CpuSet allowed_live(const HwlocTopology& topology) {
    hwloc_bitmap_t bound = hwloc_bitmap_alloc();
    const int status = hwloc_get_cpubind(topology.get(), bound, HWLOC_CPUBIND_THREAD);
    const int reason = errno;
    const CpuSet affinity = status == 0 ? CpuSet(bound) : CpuSet();
    hwloc_bitmap_free(bound);
    if (status != 0)
        fail<EnvironmentError>("cannot read this process's CPU affinity ({}); try: taskset -p $$",
                               std::strerror(reason));
    const CpuSet allowed = affinity & CpuSet(hwloc_topology_get_allowed_cpuset(topology.get()));
    if (allowed.empty())
        fail<EnvironmentError>(
            "no CPU is left to use (affinity {} and the cgroup's cpuset are disjoint); try: "
            "taskset -p $$",
            show(affinity));
    return allowed;
}

/// What was granted on a described machine: nothing said means all of it.
CpuSet allowed_described(const NodeRequest& request, const Node& node) {
    if (!request.allowed_cpus) return node.cpus;
    const CpuSet allowed = CpuSet::parse(*request.allowed_cpus);
    if (allowed.empty() || !node.cpus.contains(allowed))
        fail<ConfigError>(
            "allowed CPUs '{}' are not CPUs of {} (it has {}); correct WARPSTEP_ALLOWED_CPUS",
            *request.allowed_cpus, node.source, show(node.cpus));
    return allowed;
}

}  // namespace

NodeRequest node_request(const std::function<const char*(const char*)>& lookup) {
    const auto value = [&](const char* name) -> std::optional<std::string> {
        const char* text = lookup(name);
        return text ? std::optional<std::string>(text) : std::nullopt;
    };
    NodeRequest request;
    request.xml = value("WARPSTEP_TOPOLOGY");
    if (request.xml && request.xml->empty()) request.xml.reset();
    request.allowed_cpus = value("WARPSTEP_ALLOWED_CPUS");
    request.visible_gpus = value("CUDA_VISIBLE_DEVICES");
    if (!request.visible_gpus) request.visible_gpus = value("SLURM_STEP_GPUS");
    return request;
}

Node discover_node(const NodeRequest& request) {
    const HwlocTopology topology =
        request.xml ? HwlocTopology::from_xml(*request.xml) : HwlocTopology::live();
    Node node;
    node.source = request.xml.value_or("live");
    node.simulated = request.xml.has_value();
    read_cpus(topology, node);
    if (node.cores.empty())
        fail<ConfigError>("{} describes no CPUs; save the topology again with: lstopo",
                          node.source);
    read_devices(topology, node);
    // What the machine forbade whoever saved the file says nothing about this step.
    if (node.simulated)
        for (NumaNode& numa : node.numa_nodes) numa.allowed = true;
    if (!node.simulated) add_driver_information(node.gpus);
    node.allowed = node.simulated ? allowed_described(request, node) : allowed_live(topology);
    node.step_gpus = visible_gpus(request.visible_gpus, node.gpus,
                                  node.simulated ? UnknownGpu::is_error : UnknownGpu::ends_list);
    return node;
}

}  // namespace warpstep::topology
