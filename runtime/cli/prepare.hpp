// SPDX-License-Identifier: Apache-2.0
// What a rank does alone before it meets the others: read the file, look at the node, place, bind,
// find its device.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/cli/options.hpp"
#include "runtime/comm/given_peers.hpp"
#include "runtime/comm/record.hpp"
#include "runtime/cuda/backend.hpp"
#include "runtime/placement/bind.hpp"
#include "runtime/placement/placement.hpp"
#include "runtime/step/step.hpp"
#include "runtime/topology/node.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::cli {

/// The device that this rank will open.
struct DeviceChoice {
    comm::CudaBackend* cuda = nullptr;   ///< nullptr: the host device
    std::vector<device::Facts> visible;  ///< by CUDA ordinal
    std::vector<int> ordinals;           ///< of the task's GPUs, in their order
    std::string why_host;                ///< why `auto` did not take CUDA
};

struct Preparation {
    workload::Workload workload;
    topology::Node node;
    placement::Task task;
    placement::Binding binding;
    DeviceChoice device;
    int devices = 1;  ///< that the task opens; on the host, groups of its cores
    comm::CudaVersions cuda;
};

/// Opens the CUDA module when the wish and the machine ask for it, and tells the node which GPUs
/// CUDA shows. Errors: DeviceError "no CUDA device: …" when CUDA was wished for.
DeviceChoice choose_device(DeviceWish wish, topology::Node& node);

/// The workload's `ranks:` against the step. Errors: ConfigError with the rule's place.
void check_ranks(const workload::Workload& workload, const step::Step& step,
                 const device::Facts& device);

/// Errors: ConfigError, EnvironmentError, DeviceError: everything that can be refused without the
/// others.
/// `seat`: where its parent has placed this process, instead of a plan of its own.
Preparation prepare(const RunOptions& options, const step::Step& step,
                    const std::vector<int>& exempt_threads,
                    const std::optional<comm::Seat>& seat = std::nullopt);

/// What the others must know. `refusal`: prepare() did not succeed.
comm::Record make_record(const step::Step& step, const Preparation& preparation);
comm::Record make_refusal(const step::Step& step, const Error& refusal);

}  // namespace warpstep::cli
