// SPDX-License-Identifier: Apache-2.0
// Limits of the process and what a container leaves out.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/units.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

constexpr char family[] = "Limits and containers";
/// NCCL holds sockets to all peers and channels, loaders a file for each worker.
constexpr std::uint64_t files_needed = 4096;
/// NCCL's shared-memory transport takes some 10 MiB (a buffer of NCCL_BUFFSIZE = 4 MiB in both
/// directions and its small ones) for each channel and neighbour.
constexpr std::uint64_t shm_per_task = std::uint64_t{64} << 20;

std::string show(const std::optional<std::uint64_t>& limit) {
    return limit ? std::to_string(*limit) : "unlimited";
}

void judge_memlock(const Facts&, const NodeFacts& node, const RankFacts& rank, Judge& judge) {
    const bool fabric = std::any_of(node.nics.begin(), node.nics.end(),
                                    [](const NicFacts& nic) { return nic.fabric; });
    if (!fabric) return judge.skip("no InfiniBand or RoCE adapter");
    if (node.described) return judge.skip("the node is described, its adapters are not here");
    const auto& [soft, hard] = rank.memlock;
    if (!soft) return judge.pass(subject_of(rank), "memlock is unlimited");
    judge.fire(subject_of(rank), "memlock is limited",
               fmt::format("memlock is {} on a node with InfiniBand or RoCE, the hard limit is "
                           "{}",
                           show_bytes(*soft), hard ? show_bytes(*hard) : "unlimited"),
               {std::to_string(*soft), "unlimited", "bytes"},
               hard ? "" : "ulimit -l unlimited, in the shell or script before srun");
}

void judge_files(const Facts&, const RankFacts& rank, Judge& judge) {
    const auto& [soft, hard] = rank.open_files;
    const std::string told =
        fmt::format("{} open files, the hard limit is {}", show(soft), show(hard));
    const Figure figure{show(soft), std::to_string(files_needed), "files"};
    const bool raisable = !hard || *hard >= files_needed;
    if (!soft || *soft >= files_needed)
        judge.pass(subject_of(rank), told, figure);
    else
        judge.fire(subject_of(rank), told, figure,
                   raisable ? "ulimit -n $(ulimit -Hn), in the shell or script before srun" : "");
}

void judge_shm_size(const Facts&, const NodeFacts&, const RankFacts& rank, Judge& judge) {
    if (rank.local_size < 2) return judge.skip("one task on the node has nobody to share with");
    if (variable(rank.env, "NCCL_SHM_DISABLE") == "1") return judge.skip("NCCL_SHM_DISABLE=1");
    if (!rank.shm_free_bytes) return judge.unknown(subject_of(rank), "/dev/shm could not be asked");
    const std::uint64_t need = shm_per_task * static_cast<std::uint64_t>(rank.local_size);
    const std::string told = fmt::format(
        "{} of {} in /dev/shm are free, {} tasks take up to {}", show_bytes(*rank.shm_free_bytes),
        show_bytes(rank.shm_bytes.value_or(0)), rank.local_size, show_bytes(need));
    const Figure figure{std::to_string(*rank.shm_free_bytes), std::to_string(need), "bytes"};
    if (*rank.shm_free_bytes >= need) return judge.pass(subject_of(rank), told, figure);
    const auto gib = std::max<std::uint64_t>(1, (need * 2) >> 30);
    judge.fire(subject_of(rank), "too little of /dev/shm is free for the tasks of the node", told,
               figure,
               fmt::format("docker run --shm-size={0}g … (or --ipc=host); on the node, as root: "
                           "mount -o remount,size={0}G /dev/shm; until then: export "
                           "NCCL_SHM_DISABLE=1",
                           gib));
}

/// /dev/shm is the node's, so that one rank tells.
void judge_shm_stale(const Facts&, const RankFacts& rank, Judge& judge) {
    if (rank.stale_segments.empty()) return judge.pass(node_of(rank), "no leftovers in /dev/shm");
    std::uint64_t bytes = 0;
    bool ours = true;
    for (const StaleSegment& segment : rank.stale_segments) {
        bytes += segment.bytes;
        ours = ours && segment.user == rank.user;
    }
    const std::size_t count = rank.stale_segments.size();
    const StaleSegment& first = rank.stale_segments.front();
    judge.fire(node_of(rank), "files are left over in /dev/shm",
               fmt::format("{} with {} left over in /dev/shm, such as {} of user {}",
                           count == 1 ? "one file" : fmt::format("{} files", count),
                           show_bytes(bytes), first.path, first.user),
               {std::to_string(count), "0", "files"},
               ours ? "when no other job of yours runs on the node: find /dev/shm -user $(id -u) "
                      "'(' -name 'nccl-*' -o -name 'torch_*' -o -name 'psm*' ')' -delete"
                    : "");
}

void judge_core(const Facts&, const RankFacts& rank, Judge& judge) {
    const auto& [soft, hard] = rank.core_size;
    if (hard == 0)
        judge.fire(subject_of(rank), "core files cannot be switched on (the hard limit is 0)",
                   {"0", "unlimited", "bytes"});
    else if (soft == 0)
        judge.pass(subject_of(rank),
                   "core files are off, as most systems have it; ulimit -c "
                   "unlimited before srun switches them on");
    else
        judge.pass(subject_of(rank), "core files may be written");
}

void judge_uvm(const Facts&, const NodeFacts& node, const RankFacts& rank, Judge& judge) {
    const bool granted = std::any_of(node.gpus.begin(), node.gpus.end(),
                                     [](const GpuFacts& gpu) { return gpu.granted; });
    if (!node.has_nvidia || !granted) return judge.skip("no NVIDIA GPU was granted");
    if (node.described) return judge.skip("the node is described, its devices are not here");
    if (rank.uvm_openable == true) return judge.pass(subject_of(rank), "/dev/nvidia-uvm opens");
    judge.fire(subject_of(rank),
               rank.uvm_openable ? "/dev/nvidia-uvm does not open" : "there is no /dev/nvidia-uvm");
}

}  // namespace

std::vector<Rule> families::limits() {
    return {
        {"net-memlock", family, Severity::error, Privilege::user, Level::quick,
         "ibv_create_cq or ibv_reg_mr: Cannot allocate memory.",
         "InfiniBand and RoCE register memory, which must be locked. srun hands the limit of the "
         "shell on, and slurmd its own.",
         "RLIMIT_MEMLOCK of every task on a node with such an adapter against unlimited.",
         "LimitMEMLOCK=infinity in slurmd.service and PropagateResourceLimitsExcept=MEMLOCK in "
         "slurm.conf; in a container: docker run --ulimit memlock=-1 …",
         each_placed_rank(judge_memlock)},
        {"limit-open-files", family, Severity::warning, Privilege::user, Level::quick,
         "Too many open files; NCCL cannot create a socket.",
         "The soft limit of the shell that called srun is handed on to the tasks.",
         "RLIMIT_NOFILE of every task against 4096.",
         "LimitNOFILE=131072 in slurmd.service, and ulimit -n $(ulimit -Hn) before srun",
         each_rank(judge_files)},
        {"box-shm-small", family, Severity::error, Privilege::user, Level::quick,
         "NCCL: unhandled system error while it creates shared memory; bus error in a data loader.",
         "/dev/shm is small, as in a container with its default of 64 MiB, or full.",
         "Free bytes of /dev/shm against 64 MiB for each task of the node.",
         "docker run --shm-size=8g … or --ipc=host", each_placed_rank(judge_shm_size)},
        {"box-shm-stale", family, Severity::warning, Privilege::user, Level::quick,
         "/dev/shm fills from job to job.",
         "Jobs that were killed left their segments of shared memory behind.",
         "Files in /dev/shm that look like leftovers of communication libraries.",
         "as root, with no job on the node (better in the Epilog): find /dev/shm '(' -name "
         "'nccl-*' "
         "-o -name 'torch_*' -o -name 'psm*' ')' -delete",
         each_first_rank(judge_shm_stale)},
        {"limit-core", family, Severity::information, Privilege::user, Level::quick,
         "A task that crashes leaves no core file, and none can be had.",
         "The hard limit on the size of core files is 0. (Off by the soft limit, as most systems "
         "have "
         "it, they are switched on by ulimit -c unlimited before srun.)",
         "The hard RLIMIT_CORE of every task against 0.",
         "LimitCORE=infinity in slurmd.service, and PropagateResourceLimitsExcept=CORE in "
         "slurm.conf",
         each_rank(judge_core)},
        {"box-uvm-missing", family, Severity::error, Privilege::user, Level::quick,
         "CUDA finds no device or fails with an unknown error, while nvidia-smi shows all GPUs.",
         "CUDA needs /dev/nvidia-uvm, which a container or a control group leaves out, or which "
         "nobody has created since boot.",
         "Whether /dev/nvidia-uvm opens in every task on a node with granted NVIDIA GPUs.",
         "as root on the node: nvidia-modprobe -u -c=0; in a container: docker run --gpus all … "
         "(or "
         "--device /dev/nvidia-uvm)",
         each_placed_rank(judge_uvm)},
    };
}

}  // namespace warpstep::check
