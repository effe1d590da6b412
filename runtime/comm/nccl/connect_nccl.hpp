// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "runtime/comm/communicator.hpp"
#include "runtime/comm/nccl_start.hpp"

namespace warpstep::comm::nccl {

/// See CudaBackend::connect. All devices are of this module.
std::vector<std::unique_ptr<Communicator>> connect_nccl(const NcclStart& start);

}  // namespace warpstep::comm::nccl
