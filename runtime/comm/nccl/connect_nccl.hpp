// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "runtime/cuda/backend.hpp"

namespace warpstep::comm::nccl {

/// See CudaBackend::connect. All devices are of this module.
std::vector<std::unique_ptr<Communicator>> connect_nccl(const NcclStart& start);

}  // namespace warpstep::comm::nccl
