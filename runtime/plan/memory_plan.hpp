// SPDX-License-Identifier: Apache-2.0
// Whether the buffers fit what there is, before anything is allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/device/device.hpp"
#include "runtime/plan/buffers.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// Bytes that a rank's buffers take, by where they lie. On the host device all of it is host
/// memory; on CUDA buffers of collectives lie on the device.
struct MemoryNeeds {
    std::uint64_t device = 0, managed = 0, pinned = 0, host = 0;
    bool operator==(const MemoryNeeds&) const = default;
};
/// Sums that do not fit 64 bits are the largest number there is.
MemoryNeeds memory_needs(const std::vector<BufferPlan>& buffers, device::Kind kind);

/// What the tasks of this node have in common.
struct HostMemory {
    std::uint64_t available = 0;  ///< bytes that can be had without swapping
    std::string limited_by;       ///< "MemAvailable", "the job's memory limit", or a file
    bool in_all = false;          ///< all that the node has: how much is free nobody knows
};
/// The least of MemAvailable of /proc/meminfo (proc(5)) and what is left of the memory limits of
/// this process's cgroups (version 1 or 2, page cache counted as free). `root` is "" or, in tests,
/// a folder that stands for it. Nothing when the system does not say.
std::optional<HostMemory> host_memory(const std::string& root = "");

/// Pinned memory counts as host memory: the CUDA driver pins it without regard to RLIMIT_MEMLOCK.
struct MemoryLimits {
    device::Kind kind = device::Kind::host;
    std::optional<std::uint64_t> device_free;  ///< of one device; nothing: unknown. CUDA only
    int device_sharers = 1;                    ///< tasks that use the device
    std::optional<HostMemory> host;
    int host_sharers = 1;  ///< tasks of the step on this node
};

/// Refuses what cannot fit this rank's share. `buffers` are those of one device and the host; what
/// of managed memory does not fit the device must fit the host. Errors: ConfigError with the sum,
/// the share, the largest buffers and how to shrink them.
void check_memory(const std::vector<BufferPlan>& buffers, const MemoryLimits& limits,
                  const workload::Workload& workload);

}  // namespace warpstep::plan
