// SPDX-License-Identifier: Apache-2.0
// The measurements of warpstep_host_bench. Every one prints one line per round: seconds per
// operation.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace warpstep::bench {

/// How often: `rounds` lines, each the mean of `turns` operations that follow each other.
struct Amount {
    int rounds = 5;
    int turns = 1;
};

/// Binds this process to one core, as launchers do, when every one of `ranks` has one.
void bind(int rank, int ranks);

/// All-reduce (sum of f32) between processes of this machine, as many on each node as
/// `ranks_per_node` says, through the host communicator, both buffers allocated by it. Checks the
/// result.
void all_reduce(const std::vector<int>& ranks_per_node, std::size_t bytes, bool in_place,
                Amount amount);

/// The least that an all-reduce must do: `ranks` processes with everything in one shared mapping,
/// each sums its slice over all ranks' data into one result that all can read, then they meet.
void direct_reduction(int ranks, std::size_t bytes, Amount amount);

/// A kernel of one element (axpy) called in a plain loop, arguments bound before.
void kernel_calls(Amount amount);

/// Reads, parses and checks a workload file.
void load(const std::string& file, int rounds);
/// What yaml-cpp alone takes for the same file.
void yaml(const std::string& file, int rounds);

}  // namespace warpstep::bench
