// SPDX-License-Identifier: Apache-2.0
// Private to the room: a GPU in MIG mode is replaced by its instances.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::topology {

struct MigInstance {
    std::string uuid;  ///< "MIG-…"
    std::uint64_t memory_bytes = 0;
    std::string path;  ///< "GPU instance/compute instance", "" when unknown
};

/// Appends the instances of a GPU, in the order in which CUDA counts them, or the GPU itself when
/// it has none.
void add_expanded(const Gpu& gpu, const std::vector<MigInstance>& instances,
                  std::vector<Gpu>& gpus);

/// Sorts as Node::gpus is documented and numbers the GPUs.
void order_gpus(std::vector<Gpu>& gpus);

}  // namespace warpstep::topology
