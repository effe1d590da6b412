// SPDX-License-Identifier: Apache-2.0
// The facts of a step with which nothing is wrong: what fixtures break, one fact at a time.
#pragma once

#include "runtime/check/facts.hpp"

namespace warpstep::test {

/// Two nodes, n1 and n2, like a DGX H100: two NUMA nodes of 56 cores with two threads, eight GPUs
/// (H100, NVLink, ECC), eight InfiniBand adapters; 16 tasks under srun of Slurm 22.05 with PMIx,
/// each bound to 14 cores near its GPU, all GPUs visible to all tasks of a node. Level full, with
/// measurements.
check::Facts healthy_step();

/// The same on one node with this many tasks.
check::Facts healthy_node(int tasks);

/// "GPU-n1-3…": the UUID of a GPU of healthy_step().
std::string uuid_of(const std::string& node, int gpu);

/// Adds what the probes of levels standard and full would have measured: rates of a good H100 with
/// 0.3 % noise, in samples_of_probes.cpp.
void add_samples(check::Facts& facts);

/// Sets a variable on every rank.
void set_everywhere(check::Facts& facts, const char* name, const std::string& value);
void unset_everywhere(check::Facts& facts, const char* name);

}  // namespace warpstep::test
