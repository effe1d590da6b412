// SPDX-License-Identifier: Apache-2.0
#include "tests/check/healthy_step.hpp"

#include <fmt/format.h>

namespace warpstep::test {
namespace {

using namespace check;

constexpr int gpus_per_node = 8, cores_per_node = 112, cores_per_numa = 56;
constexpr std::uint64_t GiB = std::uint64_t{1} << 30;

/// PUs of cores first..last: a core's second thread is 112 behind its first.
std::string pus(int first, int last) {
    return fmt::format("{}-{},{}-{}", first, last, first + cores_per_node, last + cores_per_node);
}

std::string near_cpus(int gpu) {
    return gpu < gpus_per_node / 2 ? pus(0, 55) : pus(56, 111);
}

std::string pci_of(int gpu) {
    constexpr int bus[] = {0x1b, 0x43, 0x52, 0x61, 0x9d, 0xc3, 0xd1, 0xdf};
    return fmt::format("0000:{:02x}:00.0", bus[gpu]);
}

GpuFacts gpu(const std::string& node, int index) {
    GpuFacts g;
    g.uuid = uuid_of(node, index);
    g.serial = fmt::format("16500230{}{}", node.back(), index);
    g.pci = pci_of(index);
    g.name = "NVIDIA H100 80GB HBM3";
    g.vbios = "96.00.89.00.01";
    g.index = g.minor = index;
    g.openable = true;
    g.memory_bytes = 80 * GiB;
    g.memory_used_bytes = 0;
    g.utilization_percent = 0;
    g.numa = index / 4;
    g.near_cpus = near_cpus(index);
    g.health.ecc_current = g.health.ecc_pending = true;
    g.health.ecc_volatile_uncorrectable = g.health.ecc_volatile_correctable = 0;
    g.health.ecc_aggregate_uncorrectable = g.health.ecc_aggregate_sram_uncorrectable = 0;
    g.health.sram_threshold_exceeded = false;
    g.health.remap_pending = g.health.remap_failed = false;
    g.health.remapped_correctable = g.health.remapped_uncorrectable = 0;
    g.health.remap_histogram = RemapHistogram{640, 0, 0, 0, 0};
    g.health.recovery_action = 0;
    g.health.xids = std::vector<int>{};
    g.health.xid_times_s = std::vector<double>{};
    g.speed.throttle_reasons = 0;
    g.speed.violation_power_ns = g.speed.violation_thermal_ns = 0;
    g.speed.violation_board_ns = g.speed.violation_reliability_ns = 0;
    g.speed.power_mw = 72'000;
    g.speed.power_limit_mw = g.speed.power_default_mw = g.speed.power_max_mw = 700'000;
    g.speed.sm_mhz = g.speed.sm_max_mhz = 1980;
    g.speed.memory_mhz = g.speed.memory_max_mhz = 2619;
    g.speed.sm_application_mhz = g.speed.sm_default_application_mhz = 1980;
    g.speed.temperature_c = 34;
    g.speed.temperature_slowdown_c = 89;
    g.modes.persistence = true;
    g.modes.compute_mode = 0;
    g.modes.mig_current = g.modes.mig_pending = false;
    g.links.nvlinks_supported = g.links.nvlinks_active = 18;
    g.links.nvlink_errors = 0;
    g.links.fabric_state = 3;
    g.links.fabric_status = 0;
    g.links.pcie_gen = g.links.pcie_max_gen = 5;
    g.links.pcie_width = g.links.pcie_max_width = 16;
    g.links.pcie_replays = 0;
    return g;
}

NicFacts nic(int index) {
    NicFacts n;
    n.name = fmt::format("mlx5_{}", index);
    n.pci = fmt::format("0000:{:02x}:00.0", 0x18 + 0x20 * index / 2 + index);
    n.fabric = true;
    n.numa = index / 4;
    n.near_cpus = near_cpus(index);
    n.port = 1;
    n.state = "ACTIVE";
    n.link_layer = "InfiniBand";
    n.rate_gbit_s = 400;
    n.errors = {{"symbol_error", 0}, {"link_downed", 0}, {"local_link_integrity_errors", 0}};
    return n;
}

NodeFacts node(int index, int tasks) {
    NodeFacts n;
    n.name = fmt::format("n{}", index + 1);
    n.boot_id = fmt::format("00000000-0000-0000-0000-00000000000{}", index + 1);
    for (int local = 0; local < tasks; ++local) n.ranks.push_back(index * tasks + local);
    n.kernel = "6.1.0-18-amd64";
    n.machine = "2 packages, 2 NUMA nodes, 112 cores, 8 GPUs";
    n.packages = 2;
    for (int core = 0; core < cores_per_node; ++core)
        n.cores.push_back(fmt::format("{},{}", core, core + cores_per_node));
    n.cpus = n.allowed_cpus = "0-223";
    for (int numa = 0; numa < 2; ++numa) {
        n.numa.push_back(
            {numa, pus(numa * cores_per_numa, numa * cores_per_numa + 55), 1024 * GiB, 900 * GiB});
    }
    n.memory_bytes = 2048 * GiB;
    for (int i = 0; i < 8; ++i) n.nics.push_back(nic(i));
    n.has_nvidia = true;
    for (int i = 0; i < gpus_per_node; ++i) n.gpus.push_back(gpu(n.name, i));
    n.device_files = gpus_per_node;
    n.driver = n.kernel_module = "580.65.06";
    n.cuda_driver_version = 13000;
    n.modules = {{"nvidia", true}, {"nvidia_uvm", true}, {"nvidia_peermem", true}};
    n.dma_buf = true;
    n.governors = {{"performance", "0-223"}};
    n.numa_balancing = false;
    n.acs_redirect = n.iommu_translating = n.aer_errors = false;
    n.kernel_log_readable = true;
    n.slurm_version = "22.05.8";
    n.configured_gpus = gpus_per_node;
    n.node_state = "ALLOCATED";
    n.constrain_devices = true;
    n.job_end_s = 1'800'003'600;
    n.job_requeues = true;
    return n;
}

std::map<std::string, std::string> environment(int rank, int size, int local, int local_size,
                                               int node_index) {
    const int nodes = size / local_size;
    const std::string list = nodes == 1 ? "n1" : fmt::format("n[1-{}]", nodes);
    const std::string per_node =
        nodes == 1 ? std::to_string(local_size) : fmt::format("{}(x{})", local_size, nodes);
    const auto text = [](int value) { return std::to_string(value); };
    return {{"SLURM_JOB_ID", "48"},
            {"SLURM_JOB_NAME", "train"},
            {"SLURM_JOB_NUM_NODES", text(nodes)},
            {"SLURM_NNODES", text(nodes)},
            {"SLURM_JOB_NODELIST", list},
            {"SLURM_NODELIST", list},
            {"SLURM_JOB_PARTITION", "gpu"},
            {"SLURM_STEP_ID", "0"},
            {"SLURM_STEP_NODELIST", list},
            {"SLURM_STEP_NUM_NODES", text(nodes)},
            {"SLURM_STEP_NUM_TASKS", text(size)},
            {"SLURM_STEP_TASKS_PER_NODE", per_node},
            {"SLURM_TASKS_PER_NODE", per_node},
            {"SLURM_NTASKS", text(size)},
            {"SLURM_NTASKS_PER_NODE", text(local_size)},
            {"SLURM_PROCID", text(rank)},
            {"SLURM_LOCALID", text(local)},
            {"SLURM_NODEID", text(node_index)},
            {"SLURMD_NODENAME", fmt::format("n{}", node_index + 1)},
            {"SLURM_CPUS_ON_NODE", text(28 * local_size)},
            {"SLURM_CPUS_PER_TASK", "28"},
            {"SLURM_GPUS_ON_NODE", "8"},
            {"SLURM_GPUS_PER_NODE", "8"},
            {"SLURM_STEP_GPUS", "0,1,2,3,4,5,6,7"},
            {"CUDA_VISIBLE_DEVICES", "0,1,2,3,4,5,6,7"},
            {"SLURM_MPI_TYPE", "pmix"},
            {"PMIX_NAMESPACE", "slurm.pmix.48.0"},
            {"PMIX_RANK", text(rank)},
            {"OMP_NUM_THREADS", "14"}};
}

RankFacts rank(int number, int size, int local_size) {
    RankFacts r;
    r.rank = number;
    r.size = size;
    r.local_rank = number % local_size;
    r.local_size = local_size;
    const int node_index = number / local_size;
    r.node = r.host_name = fmt::format("n{}", node_index + 1);
    r.boot_id = fmt::format("00000000-0000-0000-0000-00000000000{}", node_index + 1);
    r.pid = 1000 + r.local_rank;
    r.user = 1000;
    r.clock_s = 1'800'000'000;
    r.clock_offset_s = 0.001;
    r.started_by = "step";
    r.cgroup =
        fmt::format("/system.slice/slurmstepd.scope/job_48/step_0/user/task_{}", r.local_rank);
    r.env = environment(number, size, r.local_rank, local_size, node_index);
    r.pmix = {true, true, "", "slurm.pmix.48.0", number, size, r.local_rank, local_size, {}, {}};
    for (int other = 0; other < size; ++other) r.pmix.node_of_rank.push_back(other / local_size);
    for (int n = 0; n < size / local_size; ++n)
        r.pmix.node_names.push_back(fmt::format("n{}", n + 1));
    r.pmix_directory_exists = true;
    r.cpus = pus(r.local_rank * 14, r.local_rank * 14 + 13);
    r.online_cpus = "0-223";
    r.mems = "0-1";
    r.memory_policy = fmt::format("preferred {}", r.local_rank / 4);
    r.omp_threads = 14;
    r.open_files = {131072, 131072};
    r.signals.caught = {10, 12, 15};
    r.shm_bytes = 1024 * GiB;
    r.shm_free_bytes = 1023 * GiB;
    std::vector<SeenGpu> seen;
    std::vector<std::string> cuda;
    for (int i = 0; i < gpus_per_node; ++i) {
        seen.push_back({uuid_of(r.node, i), pci_of(i), i, true});
        cuda.push_back(uuid_of(r.node, i));
    }
    r.nvml_gpus = seen;
    r.cuda_gpus = cuda;
    r.cuda_status = 0;
    r.uvm_openable = true;
    r.driver = "580.65.06";
    r.cuda_runtime = "13.0";
    r.nccl = "2.28.9";
    r.warpstep = "0.1.0";
    r.interfaces = {{"lo", true, true, {"127.0.0.1/8"}},
                    {"eth0", true, false, {fmt::format("10.0.0.{}/24", node_index + 1)}}};
    r.own_addresses = {fmt::format("10.0.0.{}", node_index + 1)};
    r.ephemeral_low = 32768;
    r.ephemeral_high = 60999;
    return r;
}

Facts step(int nodes, int tasks_per_node) {
    Facts facts;
    facts.intent.level = "full";
    facts.intent.as_root = true;
    facts.size = nodes * tasks_per_node;
    for (int n = 0; n < nodes; ++n) facts.nodes.push_back(node(n, tasks_per_node));
    for (int r = 0; r < facts.size; ++r) facts.ranks.push_back(rank(r, facts.size, tasks_per_node));
    add_samples(facts);
    return facts;
}

}  // namespace

std::string uuid_of(const std::string& node, int gpu) {
    return fmt::format("GPU-{:0>8}-0000-0000-0000-00000000000{}", node, gpu);
}

Facts healthy_step() {
    return step(2, 8);
}

Facts healthy_node(int tasks) {
    return step(1, tasks);
}

void set_everywhere(Facts& facts, const char* name, const std::string& value) {
    for (RankFacts& r : facts.ranks) r.env[name] = value;
}

void unset_everywhere(Facts& facts, const char* name) {
    for (RankFacts& r : facts.ranks) r.env.erase(name);
}

}  // namespace warpstep::test
