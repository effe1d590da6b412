// SPDX-License-Identifier: Apache-2.0
// What one task of the step found out about itself, as a value that a test can build by hand. An
// empty optional is "could not be read"; nothing here judges.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace warpstep::check {

/// How the launcher's PMIx server answered this task.
struct PmixAnswer {
    bool asked = false;  ///< a launcher's variables were there, so that a server was looked for
    bool answered = false;
    std::string problem;  ///< why it did not, or how it contradicts the launcher's variables
    std::string name_space;
    std::optional<int> rank, size, local_rank, local_size;
    std::vector<int> node_of_rank;  ///< node index by rank, as the server lists its nodes
    std::vector<std::string> node_names;
};

/// A network interface of the host, up or down.
struct Interface {
    std::string name;
    bool up = false, loopback = false;
    std::vector<std::string> addresses;  ///< "10.77.0.2/24", "fd00::2/64"
};

/// A soft and a hard limit; nothing: unlimited.
struct Limit {
    std::optional<std::uint64_t> soft, hard;
};

/// Numbers of signals, ascending, from /proc/PID/status.
struct SignalFacts {
    std::vector<int> caught, ignored, blocked;
};

/// One GPU as this task can reach it.
struct SeenGpu {
    std::string uuid, pci;
    int minor = -1;                ///< N of /dev/nvidiaN, -1: unknown
    std::optional<bool> openable;  ///< the device file could be opened; nothing: no such file
};

/// A file in /dev/shm that looks like a leftover of a communication library.
struct StaleSegment {
    std::string path;
    unsigned user = 0;
    std::uint64_t bytes = 0;
};

struct RankFacts {
    // Who it says it is.
    int rank = 0, size = 1, local_rank = 0, local_size = 1;
    std::string node;  ///< the name by which people know the node
    std::string host_name, boot_id;
    std::int64_t pid = 0;
    unsigned user = 0;
    double clock_s = 0;  ///< wall clock when `sent`, seconds since 1970
    /// Of rank 0's clock against this one, corrected by the travel time; nothing: not exchanged.
    std::optional<double> clock_offset_s;

    // How it was started.
    std::string started_by;  ///< "step", "batch", "allocation", "ssh", "mpirun", "local", "none"
    std::string cgroup;      ///< the path of /proc/self/cgroup that names the job, "" without
    /// Every variable that a rule looks at (SLURM_*, SLURMD_*, PMIX_*, CUDA_*, NCCL_*, …).
    std::map<std::string, std::string> env;
    PmixAnswer pmix;
    std::optional<bool> pmix_directory_exists;  ///< PMIX_SERVER_TMPDIR
    std::optional<bool> munge_plugin_loads;     ///< asked only when PMIX_SECURITY_MODE wants munge
    /// Words of the command that is checked (`exec --diagnose`), empty otherwise.
    std::vector<std::string> command;
    std::optional<bool> command_links_mpi;

    // CPUs, memory and limits.
    std::string cpus;                 ///< affinity: OS indices "0-13,112-125"
    std::string online_cpus;          ///< of the machine
    std::string mems;                 ///< Mems_allowed_list
    std::string memory_policy;        ///< "default", "preferred 0", "bind 0-1", …
    std::optional<double> cpu_quota;  ///< CPUs of cgroup cpu.max; nothing: no quota
    std::optional<int> omp_threads;   ///< OMP_NUM_THREADS
    Limit memlock, open_files, core_size;
    SignalFacts signals;
    std::optional<std::uint64_t> shm_bytes, shm_free_bytes;
    std::vector<StaleSegment> stale_segments;

    // GPUs, without a CUDA context.
    std::optional<std::vector<SeenGpu>> nvml_gpus;  ///< in NVML's order; nothing: no answer
    std::string nvml_problem;
    std::optional<bool> uvm_openable;  ///< /dev/nvidia-uvm; nothing: no such file
    std::optional<int> cuda_status;    ///< what cuInit returned, when it was asked
    /// UUIDs in CUDA's order, when CUDA was asked; no context is created for it.
    std::optional<std::vector<std::string>> cuda_gpus;
    std::string driver, cuda_runtime, nccl;  ///< versions as this task finds them, "" without
    std::string warpstep;

    // Network.
    std::vector<Interface> interfaces;
    std::vector<std::string> own_addresses;            ///< what the own host name resolves to
    std::string master_address_problem;                ///< MASTER_ADDR set and not resolvable: why
    std::vector<std::string> master_addresses;         ///< what MASTER_ADDR resolves to
    std::optional<bool> master_port_free;              ///< rank 0 only: MASTER_PORT could be bound
    std::optional<int> ephemeral_low, ephemeral_high;  ///< net.ipv4.ip_local_port_range
};

}  // namespace warpstep::check
