// SPDX-License-Identifier: Apache-2.0
// What `check` asks a driver is asked in a child of its own, which may hang.
#pragma once

#include <string>

#include "runtime/check/collect.hpp"

namespace warpstep::cli {

/// The child's work: "list", "health" or "cuda"; its answer goes to stdout. Errors: ConfigError for
/// another word.
int collect_in_child(const std::string& what);

/// Asks CUDA, in a child, which devices it shows to this task and which versions it finds; creates
/// no context. Fills cuda_status, cuda_gpus, cuda_runtime and nccl. Blocking, at most
/// sources.gpu_limit. Errors: none are thrown; a child that fails leaves the facts empty.
void ask_cuda(const check::Sources& sources, check::RankFacts& facts);

}  // namespace warpstep::cli
