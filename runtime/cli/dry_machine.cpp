// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/dry_machine.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/cli/dry_node.hpp"
#include "runtime/cli/prepare.hpp"
#include "runtime/device/gpu_models.hpp"
#include "runtime/device/host/host_device.hpp"
#include "runtime/topology/discover.hpp"

namespace warpstep::cli {
namespace {

device::Facts host_facts(int local_ranks) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return device::host::HostDevice(std::max(1, cores / std::max(1, local_ranks))).facts();
}

// A GPU of a model ("h100"), or of an architecture ("sm_90"), of which its limits are known.
plan::DeviceFacts assumed_device(const std::string& word) {
    const device::AssumedGpu assumed = device::assumed_gpu(word);
    plan::DeviceFacts device;
    device.facts.kind = device::Kind::cuda;
    device.arch = assumed.architecture->name;
    if (assumed.model == nullptr) return device;
    device.facts = device::facts_of(*assumed.model);
    device.free = device.facts.memory_bytes;
    return device;
}

// The device that CUDA shows on this machine, whose node is told which GPUs those are.
plan::DeviceFacts device_here(const RunOptions& options, int local_ranks, topology::Node& node) {
    plan::DeviceFacts device;
    const DeviceChoice choice = choose_device(options.device, node);
    if (choice.cuda == nullptr || choice.visible.empty()) {
        device.facts = host_facts(local_ranks);
        return device;
    }
    device.facts = choice.visible.front();
    device.free = device.facts.memory_bytes;
    return device;
}

}  // namespace

DryMachine::DryMachine(const RunOptions& options, int local_ranks) {
    if (!options.topology.empty()) {
        node_ = described_node(options);
        here_ = false;
        device_ = described_device(*node_, options.device, local_ranks);
    } else if (options.device == DeviceWish::host && !options.here) {
        device_.facts = host_facts(local_ranks);
    } else if (options.assume.empty() || options.here) {
        look_here(options, local_ranks);
    }
    if (!options.assume.empty()) {
        here_ = false;
        device_ = assumed_device(options.assume);
    }
    // 0 multiprocessors would be refused as a grid, for no fault of the file's.
    if (device_.facts.kind == device::Kind::cuda && device_.facts.sm_count == 0) {
        device_.facts.sm_count = 1;
        knows_sms_ = false;
    }
}

std::string DryMachine::arch() const {
    if (!device_.arch.empty()) return device_.arch;
    const auto* architecture = device::architecture_of(device_.facts.name);
    return architecture == nullptr ? "" : architecture->name;
}

void DryMachine::look_here(const RunOptions& options, int local_ranks) {
    try {
        topology::Node node = topology::discover_node(topology::node_request(std::getenv));
        device_ = device_here(options, local_ranks, node);
        if (options.here) node_ = std::move(node);
    } catch (const Error&) {
        if (options.device != DeviceWish::cuda) throw;
        here_ = false;
        device_.facts.kind = device::Kind::cuda;
    }
}

}  // namespace warpstep::cli
