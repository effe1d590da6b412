// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/cli/prepare.hpp"

namespace warpstep::cli {
namespace {

// Cheap signs of an NVIDIA GPU; without one, `auto` need not open the module.
bool looks_like_cuda(const topology::Node& node) {
    return ::access("/dev/nvidiactl", F_OK) == 0 || !node.gpus.empty();
}

// A GPU by its address, a MIG instance by its UUID: the instances of a GPU share the address.
std::vector<topology::Gpu>::iterator find(std::vector<topology::Gpu>& gpus,
                                          const device::Facts& facts,
                                          const topology::PciAddress& pci) {
    return std::find_if(gpus.begin(), gpus.end(), [&](const topology::Gpu& gpu) {
        return gpu.pci == pci && (gpu.mig_uuid.empty() || gpu.mig_uuid == facts.uuid);
    });
}

// CUDA's list is the truth about what the step was granted: device cgroups hide GPUs that PCI still
// shows.
void grant_visible(topology::Node& node, const std::vector<device::Facts>& visible) {
    node.visible_order.clear();
    for (const auto& facts : visible) {
        const auto pci = topology::PciAddress::parse(facts.pci);
        if (!pci) continue;
        auto it = find(node.gpus, facts, *pci);
        if (it == node.gpus.end()) {
            topology::Gpu unlisted;
            unlisted.pci = *pci;
            unlisted.near_cpus = node.cpus;
            it = node.gpus.insert(node.gpus.end(), unlisted);
        }
        it->name = facts.name;
        if (it->mig_uuid.empty()) it->uuid = facts.uuid;
        node.visible_order.push_back(static_cast<int>(it - node.gpus.begin()));
    }
    node.step_gpus = node.visible_order;
    std::sort(node.step_gpus.begin(), node.step_gpus.end());
}

}  // namespace

DeviceChoice choose_device(DeviceWish wish, topology::Node& node) {
    DeviceChoice choice;
    if (wish == DeviceWish::host) return choice;
    if (wish == DeviceWish::automatic && (node.simulated || !looks_like_cuda(node))) return choice;
    try {
        comm::CudaBackend& backend = comm::cuda_backend();
        choice.visible = backend.devices();
        choice.cuda = &backend;
        if (!node.simulated) grant_visible(node, choice.visible);
    } catch (const Error& error) {
        if (wish == DeviceWish::cuda) {
            const std::string text = error.what();
            if (text.starts_with("no CUDA device")) throw;
            fail<DeviceError>("no CUDA device: {}", text);
        }
        choice.why_host = error.what();
    }
    return choice;
}

}  // namespace warpstep::cli
