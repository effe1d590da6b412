// SPDX-License-Identifier: Apache-2.0
// What NVML and the kernel say about one GPU. An empty optional: not supported or not told; a rule
// must answer UNKNOWN or SKIP to that, never PASS. Source of the meanings: NVML API reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace warpstep::check {

struct GpuProcess {
    std::int64_t pid = 0;
    std::string command, user;  ///< "" when not readable
    std::uint64_t memory_bytes = 0;
    bool of_this_step = false;
    bool of_this_job = false;
};

/// Banks by how many spare rows they have left.
struct RemapHistogram {
    unsigned max = 0, high = 0, partial = 0, low = 0, none = 0;
};

/// What the driver wrote to the kernel log about a GPU.
struct XidEvent {
    int code = 0;
    std::string severity;  ///< "Fatal" or "Nonfatal" where the line says it (NVLink 5), else ""
    std::string action;    ///< of 154: what the driver asks for now, "0x1 (GPU Reset Required)"
    /// The kernel's words, shortened; "" where many lines say the same.
    std::string line;
};

/// Of its memory.
struct GpuHealth {
    std::optional<bool> ecc_current, ecc_pending;
    std::optional<std::uint64_t> ecc_volatile_uncorrectable, ecc_volatile_correctable;
    std::optional<std::uint64_t> ecc_aggregate_uncorrectable, ecc_aggregate_sram_uncorrectable;
    std::optional<bool> sram_threshold_exceeded;
    std::optional<bool> remap_pending, remap_failed;
    std::optional<unsigned> remapped_correctable, remapped_uncorrectable;
    std::optional<RemapHistogram> remap_histogram;
    std::optional<unsigned> retired_pages;  ///< before Ampere
    std::optional<bool> retired_pending;
    /// nvmlDeviceGpuRecoveryAction_t: 0 none, 1 reset, 2 reboot, 3 drain peers, 4 drain and reset,
    /// 5 recover the IMEX domain, 6 reset of the bus, 7 reboot of the system.
    std::optional<unsigned> recovery_action;
    std::optional<std::vector<int>> xids;  ///< of this GPU since boot, from the kernel log (root)
    /// When each of `xids` was logged, seconds since boot, as many; nothing: not told.
    std::optional<std::vector<double>> xid_times_s;
    /// What `xids` are about, as many; nothing: only the numbers are known.
    std::optional<std::vector<XidEvent>> xid_events;
};

/// What holds its speed.
struct GpuSpeed {
    std::optional<std::uint64_t> throttle_reasons;  ///< nvmlClocksEventReason* bits
    /// Nanoseconds since the driver was loaded in which a limit was violated.
    std::optional<std::uint64_t> violation_power_ns, violation_thermal_ns, violation_board_ns,
        violation_reliability_ns;
    std::optional<unsigned> power_mw, power_limit_mw, power_default_mw, power_max_mw;
    std::optional<unsigned> sm_mhz, memory_mhz, sm_max_mhz, memory_max_mhz;
    std::optional<unsigned> sm_application_mhz, sm_default_application_mhz;
    std::optional<unsigned> temperature_c, temperature_slowdown_c;
};

struct GpuModes {
    std::optional<bool> persistence;
    std::optional<int> compute_mode;  ///< 0 default, 2 prohibited, 3 exclusive process
    std::optional<bool> mig_current, mig_pending;
    std::vector<std::string> mig_instances;  ///< UUIDs
};

/// To other GPUs and to the CPU.
struct GpuLinks {
    std::optional<unsigned> nvlinks_supported, nvlinks_active;
    std::optional<std::uint64_t> nvlink_errors;  ///< CRC, replay and recovery counters together
    /// nvmlGpuFabricState_t: 0 not supported, 1 not started, 2 in progress, 3 completed.
    std::optional<unsigned> fabric_state;
    std::optional<int> fabric_status;  ///< nvmlReturn_t of the finished registration
    std::optional<unsigned> pcie_gen, pcie_width, pcie_max_gen, pcie_max_width;
    std::optional<std::uint64_t> pcie_replays;
};

struct GpuFacts {
    std::string uuid, serial, pci, name;
    std::string vbios;
    int index = -1;                ///< NVML's
    int minor = -1;                ///< N of /dev/nvidiaN
    bool on_bus = true;            ///< a PCI function of vendor 10de in sysfs
    bool in_nvml = true;           ///< NVML lists it
    std::string problem;           ///< NVML's words when it refuses the handle: "GPU is lost"
    std::optional<bool> openable;  ///< its device file; nothing: no such file
    bool granted = true;           ///< the step was given it
    std::uint64_t memory_bytes = 0, memory_used_bytes = 0;
    std::optional<unsigned> utilization_percent;
    std::vector<GpuProcess> processes;

    // Place.
    int numa = -1;          ///< sysfs numa_node, -1: none
    std::string near_cpus;  ///< OS indices

    GpuHealth health;
    GpuSpeed speed;
    GpuModes modes;
    GpuLinks links;
};

}  // namespace warpstep::check
