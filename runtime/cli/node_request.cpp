// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/node_request.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace warpstep::cli {

placement::Request node_request_of(const workload::PlacementRequest& wanted, int tasks,
                                   bool wants_gpus) {
    placement::Request request;
    request.tasks = tasks;
    request.gpus_per_task = wanted.gpus_per_task;
    request.cpus_per_task = wanted.cpus_per_task;
    request.share = wanted.share;
    request.near_gpu = wanted.cpu == workload::CpuPolicy::near_gpu;
    request.strict = wanted.strict;
    request.wants_gpus = wants_gpus;
    return request;
}

std::string take_what_there_is(placement::Request& request, const topology::Node& node) {
    const int wanted = request.gpus_per_task.value_or(1);
    const int gpus = static_cast<int>(node.step_gpus.size()) * request.share;
    const int available = std::max(1, gpus / std::max(1, request.tasks));
    if (request.strict || wanted <= available) return "";
    request.gpus_per_task = available;
    return fmt::format("gpus_per_task is {} but there {} {} for each task; it uses {}", wanted,
                       available == 1 ? "is" : "are", available, available);
}

}  // namespace warpstep::cli
