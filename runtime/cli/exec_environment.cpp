// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/exec_environment.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "runtime/base/text.hpp"

namespace warpstep::cli {
namespace {

using process::Change;

/// Collects changes; the user's own tuning is left alone.
class Exports {
  public:
    explicit Exports(const Variables& users) : users_(users) {}

    template <typename Value>
    void set(const char* name, const Value& value) {
        changes_.push_back({name, fmt::format("{}", value)});
    }
    template <typename Value>
    void set_unless_users(const char* name, const Value& value) {
        if (users_.count(name) == 0) set(name, value);
    }
    std::vector<Change> take() { return std::move(changes_); }

  private:
    const Variables& users_;
    std::vector<Change> changes_;
};

/// torch's env:// and the set that torchrun gives. TORCHELASTIC_USE_AGENT_STORE stays unset: with
/// it no rank would start the store. Source: torch/distributed/run.py and rendezvous.py.
void set_torch(Exports& exports, const TaskPlace& place, const ExecPolicy& policy) {
    const int local_rank = policy.visible == Visible::virtual_ ? 0 : place.local_rank;
    exports.set("RANK", place.rank);
    exports.set("WORLD_SIZE", place.size);
    exports.set("LOCAL_RANK", local_rank);
    exports.set("LOCAL_WORLD_SIZE", place.local_size);
    exports.set("GROUP_RANK", place.node);
    exports.set("GROUP_WORLD_SIZE", place.nodes);
    exports.set("NODE_RANK", place.node);
    exports.set("ROLE_RANK", place.rank);
    exports.set("ROLE_WORLD_SIZE", place.size);
    exports.set("ROLE_NAME", "default");
    if (!place.master_address.empty()) {
        exports.set("MASTER_ADDR", place.master_address);
        exports.set("MASTER_PORT", place.master_port);
    }
    if (policy.lightning == Lightning::slurm) return;
    exports.set("TORCHELASTIC_RUN_ID", place.job.empty() ? "warpstep" : place.job);
    exports.set("TORCHELASTIC_RESTART_COUNT", 0);
    exports.set("TORCHELASTIC_MAX_RESTARTS", 0);
}

std::vector<std::string> shown_gpus(const TaskPlace& place, Visible visible) {
    if (visible == Visible::one || visible == Visible::virtual_) return place.own_gpus;
    if (visible == Visible::all) return place.node_gpus;
    std::vector<std::string> gpus = place.own_gpus;
    for (const std::string& gpu : place.node_gpus)
        if (std::find(gpus.begin(), gpus.end(), gpu) == gpus.end()) gpus.push_back(gpu);
    return gpus;
}

void set_gpus(Exports& exports, const TaskPlace& place, const ExecPolicy& policy) {
    if (place.own_gpus.empty()) return;
    const auto shown = shown_gpus(place, policy.visible);
    const auto own = std::find(shown.begin(), shown.end(), place.own_gpus.front());
    const auto ordinal = own - shown.begin();
    exports.set("CUDA_VISIBLE_DEVICES", join(shown, ","));
    exports.set_unless_users("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    exports.set("WARPSTEP_GPU_ORDINAL", ordinal);
    exports.set("WARPSTEP_GPU_UUID", place.own_gpus.front());
    exports.set("WARPSTEP_GPU_PCI", place.gpu_pci);
    // JAX takes the ordinal that equals SLURM_LOCALID unless it is told. Source: jax/_src/clusters.
    std::vector<std::string> ordinals;
    for (std::size_t i = 0; i < place.own_gpus.size(); ++i)
        ordinals.push_back(std::to_string(std::find(shown.begin(), shown.end(), place.own_gpus[i]) -
                                          shown.begin()));
    exports.set_unless_users("JAX_LOCAL_DEVICE_IDS", join(ordinals, ","));
}

void set_openmp(Exports& exports, const TaskPlace& place, OmpThreads omp) {
    if (omp == OmpThreads::keep) return;
    exports.set_unless_users("OMP_NUM_THREADS", omp == OmpThreads::one ? 1 : place.cores);
    if (omp == OmpThreads::one) return;
    exports.set_unless_users("OMP_PLACES", "cores");
    exports.set_unless_users("OMP_PROC_BIND", "close");
}

void set_own(Exports& exports, const TaskPlace& place) {
    exports.set("WARPSTEP_RANK", place.rank);
    exports.set("WARPSTEP_SIZE", place.size);
    exports.set("WARPSTEP_LOCAL_RANK", place.local_rank);
    exports.set("WARPSTEP_LOCAL_SIZE", place.local_size);
    exports.set("WARPSTEP_NODE", place.node);
    exports.set("WARPSTEP_NODES", place.nodes);
    exports.set("WARPSTEP_CPUS", place.cpus);
    exports.set("WARPSTEP_CORES", place.cores);
    exports.set("WARPSTEP_NUMA", fmt::format("{}", fmt::join(place.numa, ",")));
    if (!place.nic.empty()) exports.set("WARPSTEP_NIC", place.nic);
    exports.set("WARPSTEP_PLACEMENT", place.placement_hash);
}

bool is_identity(const std::string& name) {
    static constexpr std::array names = {"RANK",        "WORLD_SIZE",       "LOCAL_RANK",
                                         "NODE_RANK",   "LOCAL_WORLD_SIZE", "GROUP_RANK",
                                         "MASTER_ADDR", "MASTER_PORT",      "GROUP_WORLD_SIZE"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

bool contains(const std::vector<std::string>& words, std::string_view start) {
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return word.starts_with(start); });
}

void warn_of_binders(std::vector<std::string>& lines, const Variables& users,
                     const std::vector<std::string>& command) {
    static constexpr std::array programs = {"numactl", "taskset", "hwloc-bind", "likwid-pin",
                                            "lstopo",  "mpibind", "numawrap"};
    const std::string program = command.empty() ? "" : base_name(command.front());
    if (std::find(programs.begin(), programs.end(), program) != programs.end())
        lines.push_back(
            fmt::format("{} binds again what is bound already; drop one of the two", program));
    if (contains(command, "--numa-binding") || contains(command, "--numa_binding"))
        lines.push_back("--numa-binding binds again, and fails where it may not; drop it");
    for (const char* name : {"GOMP_CPU_AFFINITY", "KMP_AFFINITY"})
        if (users.count(name) > 0)
            lines.push_back(
                fmt::format("{} is set and names CPUs of its own; unset it or the threads may "
                            "leave their cores",
                            name));
}

void warn_of_launchers(std::vector<std::string>& lines, const std::vector<std::string>& command,
                       const TaskPlace& place) {
    static constexpr std::array launchers = {"torchrun", "accelerate", "deepspeed", "mpirun",
                                             "mpiexec"};
    const std::string program = command.empty() ? "" : base_name(command.front());
    if (std::find(launchers.begin(), launchers.end(), program) == launchers.end()) return;
    if (place.local_size > 1)
        lines.push_back(fmt::format(
            "{} starts processes itself, and {} of it run on this node; start the program without "
            "it, or with srun --ntasks-per-node=1",
            program, place.local_size));
}

}  // namespace

std::vector<Change> exported(const TaskPlace& place, const ExecPolicy& policy,
                             const Variables& users) {
    Exports exports(users);
    set_torch(exports, place, policy);
    set_gpus(exports, place, policy);
    set_openmp(exports, place, policy.omp);
    set_own(exports, place);
    if (!place.master_address.empty())
        exports.set_unless_users("JAX_COORDINATOR_ADDRESS",
                                 fmt::format("{}:{}", place.master_address, place.jax_port));
    // "=" makes NCCL take this name only, not every interface that begins with it.
    if (!place.interface.empty())
        exports.set_unless_users("NCCL_SOCKET_IFNAME", "=" + place.interface);
    // A second PMIx connection of the same task fails through PMIx's shared memory store.
    exports.set_unless_users("PMIX_MCA_gds", "hash");
    return exports.take();
}

std::vector<std::string> conflicts(const std::vector<Change>& changes, const Variables& users,
                                   const std::vector<std::string>& command,
                                   const TaskPlace& place) {
    std::vector<std::string> lines;
    for (const Change& change : changes) {
        const auto old = users.find(change.name);
        if (old == users.end() || old->second == change.value || !is_identity(change.name))
            continue;
        lines.push_back(fmt::format("{} was '{}' and is now '{}'; remove it from the script",
                                    change.name, old->second, change.value));
    }
    warn_of_binders(lines, users, command);
    warn_of_launchers(lines, command, place);
    return lines;
}

}  // namespace warpstep::cli
