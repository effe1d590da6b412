// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/task_devices.hpp"

#include <algorithm>
#include <thread>

#include "runtime/comm/host/host_communicator.hpp"
#include "runtime/comm/solo_communicator.hpp"
#include "runtime/comm/task_members.hpp"
#include "runtime/device/host/host_device.hpp"

namespace warpstep::cli {
namespace {

// Threads for the task's cores; on a described node the real machine's cores are shared by the
// ranks it holds.
int core_count(const Preparation& ready, const step::Step& step) {
    if (!ready.node.simulated) return std::max(1, ready.task.cores);
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / step.size);
}

std::string name_for_nccl(const step::Step& step) {
    if (step.job_id.empty()) return "warpstep";
    return fmt::format("warpstep {}.{}", step.job_id, step.step_id);
}

}  // namespace

TaskDevices::TaskDevices(const Preparation& ready, const step::Step& step)
    : ready_(ready), step_(step) {
    const int count = ready.devices;
    const int cores = std::max(1, core_count(ready, step) / count);
    for (int i = 0; i < count; ++i) {
        Opened& opened = opened_.emplace_back();
        opened.cores = std::make_unique<device::host::Cores>(cores);
        if (ready.device.cuda != nullptr) {
            opened.device =
                ready.device.cuda->open(ready.device.ordinals[static_cast<std::size_t>(i)]);
        } else {
            opened.device = std::make_unique<device::host::HostDevice>(cores);
        }
    }
}

std::vector<const device::Device*> TaskDevices::devices() const {
    std::vector<const device::Device*> all;
    for (const Opened& opened : opened_) all.push_back(opened.device.get());
    return all;
}

int TaskDevices::sharers() const {
    return ready_.device.cuda == nullptr ? step_.local_size : ready_.workload.placement.share;
}

void TaskDevices::connect(const Peers& peers, const RunOptions& options) {
    const bool alone = step_.size == 1 && opened_.size() == 1;
    if (ready_.device.cuda != nullptr && !alone) return connect_gpus(peers, options);
    auto tasks = connect_tasks(peers, options);
    if (opened_.size() == 1) {
        opened_.front().communicator = std::move(tasks);
        return;
    }
    std::vector<device::Device*> devices;
    for (const Opened& opened : opened_) devices.push_back(opened.device.get());
    auto members = comm::task_members(std::move(tasks), devices);
    for (std::size_t i = 0; i < opened_.size(); ++i) {
        opened_[i].communicator = std::move(members[i]);
    }
}

void TaskDevices::connect_gpus(const Peers& peers, const RunOptions& options) {
    const int count = static_cast<int>(opened_.size());
    std::vector<comm::NcclStart::Member> members;
    for (int i = 0; i < count; ++i) {
        members.push_back(
            {opened_[static_cast<std::size_t>(i)].device.get(), step_.rank * count + i});
    }
    auto connected = ready_.device.cuda->connect(
        {std::move(members), step_.size * count, peers.nccl_ids(), name_for_nccl(step_),
         peers.shares_gpu(step_.rank) ? fmt::format("warpstep-rank{}", step_.rank) : "",
         *peers.channel, Deadline::in(std::chrono::minutes(2)), options.operation_timeout});
    for (std::size_t i = 0; i < opened_.size(); ++i) {
        opened_[i].communicator = std::move(connected[i]);
    }
}

// Between the tasks, whatever devices each has.
std::unique_ptr<comm::Communicator> TaskDevices::connect_tasks(const Peers& peers,
                                                               const RunOptions& options) {
    if (step_.size == 1) {
        return std::make_unique<comm::SoloCommunicator>(*opened_.front().device);
    }
    const int leader = step_.node_ranks[static_cast<std::size_t>(step_.node)].front();
    const auto& token = peers.records[static_cast<std::size_t>(leader)].shared_memory;
    const auto& address = peers.records[static_cast<std::size_t>(step_.rank)].address;
    return comm::host::connect_host(step_, *peers.channel, token, address, peers.deadline(),
                                    options.operation_timeout);
}

std::vector<execution::Machine> TaskDevices::machines(comm::ControlChannel& channel) const {
    const int count = static_cast<int>(opened_.size());
    std::vector<execution::Machine> all;
    for (int i = 0; i < count; ++i) {
        const Opened& opened = opened_[static_cast<std::size_t>(i)];
        all.push_back({step_, *opened.device, *opened.cores, ready_.device.cuda,
                       *opened.communicator, channel, i, count});
    }
    return all;
}

}  // namespace warpstep::cli
