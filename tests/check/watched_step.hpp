// SPDX-License-Identifier: Apache-2.0
// Programs of the healthy step, for rules about what other programs do.
#pragma once

#include "runtime/check/facts.hpp"

namespace warpstep::test {

/// Adds a training program in each rank: it sees what the rank sees and is on the GPU with the
/// number of its local rank, in NVML's lists, too.
void watch_programs(check::Facts& facts);
/// Puts a program on these GPUs of its node and no other.
void move_to(check::Facts& facts, check::ProgramFacts& program, const std::vector<int>& gpus);
/// A child of `parent` with the same command line, that has loaded CUDA and is on no GPU.
check::ProgramFacts forked_from(const check::ProgramFacts& parent, std::int64_t pid);

}  // namespace warpstep::test
