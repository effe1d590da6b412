// SPDX-License-Identifier: Apache-2.0
// A process of somebody's program beside us: what /proc and NVML say about it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/check/rank_facts.hpp"

namespace warpstep::check {

struct UsedGpu {
    std::string uuid;
    std::uint64_t memory_bytes = 0;
};

struct ProgramFacts {
    std::string node;
    std::int64_t pid = 0, parent = 0;
    std::string command;             ///< words of /proc/PID/cmdline, joined by blanks
    std::string state;               ///< "R", "S", "D", …
    int rank = -1, local_rank = -1;  ///< SLURM_PROCID and SLURM_LOCALID of its environment
    bool is_task = false;            ///< the step's own task, not one of its children
    std::string step;                ///< "48.0" of its environment
    /// What it was started with; nothing: not readable (another user's).
    std::optional<std::map<std::string, std::string>> env;
    std::string cpus, mems;
    int threads = 0;
    SignalFacts signals;
    std::vector<UsedGpu> gpus;         ///< NVML's lists of processes
    std::vector<int> open_gpu_minors;  ///< N of open /dev/nvidiaN
    bool maps_cuda = false;            ///< libcuda is mapped
    bool maps_mpi = false, maps_nccl = false;
    bool has_cuda_context = false;  ///< in NVML's list, or /dev/nvidia-uvm is open
};

}  // namespace warpstep::check
