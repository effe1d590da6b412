// SPDX-License-Identifier: Apache-2.0
// How tasks of one node, each of which may see other GPUs, speak of the same one.
#pragma once

#include <string>

#include "runtime/topology/node.hpp"

namespace warpstep::topology {

/// "0000:1b:00.0", an instance "0000:1b:00.0/MIG-…": the same on every task of the node.
std::string shared_name(const Gpu& gpu);

/// Index into node.gpus of the GPU or instance of that name; added, without locality, when this
/// task's own view lacks it.
int find_or_add_gpu(Node& node, const std::string& name);

}  // namespace warpstep::topology
