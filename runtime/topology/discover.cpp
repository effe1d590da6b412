// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/discover.hpp"

#include <hwloc.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/topology/hwloc_topology.hpp"
#include "runtime/topology/nvidia_driver.hpp"
#include "runtime/topology/nvml.hpp"
#include "runtime/topology/read.hpp"
#include "runtime/topology/rehearsal.hpp"
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

/// Everything that hwloc tells.
Node read_node(const HwlocTopology& topology, const std::string& source) {
    Node node;
    node.source = source;
    read_cpus(topology, node);
    if (node.cores.empty())
        fail<ConfigError>("{} describes no CPUs; save the topology again with: lstopo", source);
    read_distances(topology, node);
    read_gpus(topology, node);
    read_nics(topology, node);
    return node;
}

Node read_described(const NodeRequest& request) {
    const std::string xml = read_topology_file(*request.xml);
    const auto read = [&] {
        return read_node(HwlocTopology::from_xml(*request.xml, xml), *request.xml);
    };
    rehearse(*request.xml, read);
    Node node = read();
    node.simulated = true;
    if (const int lost = lost_pci_functions(xml))
        node.notes.push_back(fmt::format(
            "{} PCI functions of {} are left out: hwloc was built without their wide PCI domains",
            lost, *request.xml));
    // What the machine forbade whoever saved the file says nothing about this step.
    for (NumaNode& numa : node.numa_nodes) numa.allowed = true;
    node.allowed = allowed_described(request, node);
    return node;
}

/// The NVIDIA driver's part, which a machine without NVIDIA GPUs does not pay for.
void ask_nvidia(const NodeRequest& request, Node& node) {
    const DriverFiles files;
    const bool by_pci = std::any_of(node.gpus.begin(), node.gpus.end(),
                                    [](const Gpu& gpu) { return gpu.vendor == nvidia_vendor; });
    if (!by_pci && !request.nvml_library && !has_nvidia_driver(files)) return;
    add_driver_information(files, node.gpus);
    if (!request.ask_nvml) return;
    add_nvml(read_nvml(request.nvml_library.value_or("libnvidia-ml.so.1")), node);
}

Node read_live(const NodeRequest& request) {
    const HwlocTopology topology = HwlocTopology::live();
    Node node = read_node(topology, "live");
    ask_nvidia(request, node);
    node.allowed = allowed_live(topology);
    return node;
}

std::optional<GpuList> gpu_list(const NodeRequest& request) {
    const bool by_pci = request.device_order == "PCI_BUS_ID";
    if (request.visible_gpus) return GpuList{*request.visible_gpus, GpuList::Kind::cuda, by_pci};
    if (request.slurm_gpus) return GpuList{*request.slurm_gpus, GpuList::Kind::slurm, by_pci};
    return std::nullopt;
}

void grant_gpus(const NodeRequest& request, Node& node) {
    const GrantedGpus granted =
        visible_gpus(gpu_list(request), node.gpus,
                     node.simulated ? UnknownGpu::is_error : UnknownGpu::ends_list);
    node.visible_order = granted.order;
    node.step_gpus = granted.order;
    std::sort(node.step_gpus.begin(), node.step_gpus.end());
    node.notes.insert(node.notes.end(), granted.notes.begin(), granted.notes.end());
}

}  // namespace

NodeRequest node_request(const std::function<const char*(const char*)>& lookup) {
    const auto value = [&](const char* name) -> std::optional<std::string> {
        const char* text = lookup(name);
        return text ? std::optional<std::string>(text) : std::nullopt;
    };
    const auto not_empty = [&](const char* name) {
        std::optional<std::string> text = value(name);
        if (text && text->empty()) text.reset();
        return text;
    };
    NodeRequest request;
    request.xml = not_empty("WARPSTEP_TOPOLOGY");
    request.allowed_cpus = value("WARPSTEP_ALLOWED_CPUS");
    request.visible_gpus = value("CUDA_VISIBLE_DEVICES");
    request.slurm_gpus = value("SLURM_STEP_GPUS");
    // A Slurm step that asked for no GPU has none, where no device could refuse itself.
    const bool in_step = value("SLURM_STEP_ID").has_value();
    const bool granted = request.visible_gpus || request.slurm_gpus || value("SLURM_GPUS_ON_NODE");
    if (request.xml && in_step && !granted) request.visible_gpus = "";
    request.device_order = value("CUDA_DEVICE_ORDER");
    request.nvml_library = not_empty("WARPSTEP_NVML_LIBRARY");
    return request;
}

Node discover_node(const NodeRequest& request) {
    Node node = request.xml ? read_described(request) : read_live(request);
    grant_gpus(request, node);
    return node;
}

}  // namespace warpstep::topology
