// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/dry_node.hpp"

#include <algorithm>
#include <map>

#include "runtime/base/counted.hpp"
#include "runtime/base/error.hpp"
#include "runtime/cli/node_request.hpp"
#include "runtime/device/gpu_models.hpp"
#include "runtime/plan/reach.hpp"
#include "runtime/topology/discover.hpp"

namespace warpstep::cli {
namespace {

const topology::Gpu* first_cuda_gpu(const topology::Node& node) {
    for (const int index : node.step_gpus) {
        const topology::Gpu& gpu = node.gpus[static_cast<std::size_t>(index)];
        if (gpu.vendor != topology::amd_vendor) return &gpu;
    }
    return nullptr;
}

device::Facts facts_of_gpu(const topology::Gpu& gpu) {
    const auto* model = device::model_named(gpu.name);
    device::Facts facts;
    // A MIG instance has a part of its model's multiprocessors.
    if (model != nullptr && gpu.mig_uuid.empty()) facts = device::facts_of(*model);
    facts.kind = device::Kind::cuda;
    if (!gpu.name.empty()) facts.name = gpu.name;
    if (gpu.memory_bytes > 0) facts.memory_bytes = gpu.memory_bytes;
    return facts;
}

device::Facts facts_of_cores(const topology::Node& node, int tasks) {
    device::Facts facts;
    facts.sm_count = std::max(1, static_cast<int>(node.cores.size()) / std::max(1, tasks));
    facts.name = "host, " + counted(facts.sm_count, "core");
    if (const auto memory = described_memory(node)) facts.memory_bytes = memory->available;
    return facts;
}

}  // namespace

topology::Node described_node(const RunOptions& options) {
    if (options.here) {
        fail<ConfigError>(
            "--here and --topology {} name two nodes (this one and that of the file); give one of "
            "them",
            options.topology);
    }
    topology::NodeRequest request;
    request.xml = options.topology;
    return topology::discover_node(request);
}

plan::DeviceFacts described_device(const topology::Node& node, DeviceWish wish, int tasks) {
    plan::DeviceFacts device;
    const topology::Gpu* gpu = wish == DeviceWish::host ? nullptr : first_cuda_gpu(node);
    if (gpu == nullptr && wish == DeviceWish::cuda) {
        fail<ConfigError>(
            "no CUDA device: {} describes a node without a GPU of NVIDIA's; give --device host, or "
            "the file of another node",
            node.source);
    }
    if (gpu == nullptr) {
        device.facts = facts_of_cores(node, tasks);
        return device;
    }
    device.facts = facts_of_gpu(*gpu);
    if (device.facts.memory_bytes > 0) device.free = device.facts.memory_bytes;
    return device;
}

std::optional<plan::HostMemory> described_memory(const topology::Node& node) {
    std::uint64_t bytes = 0;
    // Memory nodes without CPUs are those of GPUs.
    for (const auto& numa : node.numa_nodes) bytes += numa.cpus.empty() ? 0 : numa.memory_bytes;
    if (bytes == 0) return std::nullopt;
    return plan::HostMemory{bytes, node.source, true};
}

DryPlacement place_dry(const workload::Workload& workload, const topology::Node& node, int tasks,
                       bool cuda) {
    const bool wants_gpus = cuda && !node.step_gpus.empty();
    placement::Request request = node_request_of(workload.placement, tasks, wants_gpus);
    DryPlacement dry;
    const std::string fewer = wants_gpus ? take_what_there_is(request, node) : "";
    dry.devices = std::max(1, request.gpus_per_task.value_or(1));
    if (!fewer.empty()) dry.notes.push_back(fewer);
    try {
        std::map<std::string, std::vector<int>> ranks;
        std::vector<std::string> in_order;
        for (const auto& task : placement::plan(node, request).tasks) {
            for (const auto& note : task.notes) {
                auto& who = ranks[note];
                if (who.empty()) in_order.push_back(note);
                who.push_back(task.local_rank);
            }
        }
        for (const auto& note : in_order) {
            dry.notes.push_back(fmt::format("local {}: {}", plan::show_ranks(ranks[note]), note));
        }
    } catch (const ConfigError& error) {
        dry.problems.push_back({error.what(), error.code()});
    }
    return dry;
}

}  // namespace warpstep::cli
