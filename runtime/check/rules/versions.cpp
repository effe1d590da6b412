// SPDX-License-Identifier: Apache-2.0
// Drivers and libraries, compared over the nodes and ranks.
#include <fmt/format.h>

#include <charconv>
#include <map>

#include "runtime/check/rules.hpp"
#include "runtime/check/rules/same.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::families {
namespace {

constexpr int driver_mismatch = 803;       ///< CUDA_ERROR_SYSTEM_DRIVER_MISMATCH
constexpr int compat_not_supported = 804;  ///< CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE

struct CudaVersion {
    int major = 0, minor = 0;
};

/// Of "12.8" or "12.8.1"; nothing for another text.
std::optional<CudaVersion> parse(const std::string& text) {
    CudaVersion version;
    const char* end = text.data() + text.size();
    const auto [dot, error] = std::from_chars(text.data(), end, version.major);
    if (error != std::errc() || dot == end || *dot != '.') return std::nullopt;
    if (std::from_chars(dot + 1, end, version.minor).ec != std::errc()) return std::nullopt;
    return version;
}

/// Of 13000, as the driver tells it.
CudaVersion version_of(int number) {
    return {number / 1000, number % 1000 / 10};
}

/// Fires when cuInit itself said that library and driver do not go together.
bool refused(const RankFacts& rank, Judge& judge) {
    if (rank.cuda_status == driver_mismatch) {
        judge.fire(subject_of(rank), "libcuda does not belong to the kernel module",
                   "CUDA error 803: the libcuda that the task loads does not belong to the "
                   "kernel module",
                   {"803", "0", "CUDA error"},
                   "ldconfig -p | grep libcuda.so.1 inside the container must show the host's: "
                   "start it with the NVIDIA container toolkit (apptainer: --nv), and take other "
                   "copies out of LD_LIBRARY_PATH");
        return true;
    }
    if (rank.cuda_status == compat_not_supported) {
        judge.fire(subject_of(rank), "the forward-compatibility libcuda does not support this GPU",
                   "CUDA error 804: the forward-compatibility libcuda does not support this GPU",
                   {"804", "0", "CUDA error"},
                   "take /usr/local/cuda/compat out of LD_LIBRARY_PATH, or have the driver "
                   "updated");
        return true;
    }
    return false;
}

void compare_with_driver(const NodeFacts& node, const RankFacts& rank, Judge& judge) {
    const auto needed = parse(rank.cuda_runtime);
    if (rank.cuda_runtime.empty()) return judge.skip("the task finds no CUDA runtime");
    if (!needed || !node.cuda_driver_version)
        return judge.unknown(subject_of(rank),
                             "the driver's CUDA version could not be read, or the runtime's");
    const CudaVersion has = version_of(*node.cuda_driver_version);
    const std::string driver =
        fmt::format("driver {} is for CUDA {}.{}", node.driver, has.major, has.minor);
    const Figure figure{fmt::format("{}.{}", has.major, has.minor), ">= " + rank.cuda_runtime,
                        "CUDA version"};
    if (has.major < needed->major)
        judge.fire(subject_of(rank), "the driver is too old for the CUDA runtime",
                   fmt::format("{}, the task's CUDA runtime is {}", driver, rank.cuda_runtime),
                   figure,
                   fmt::format("have the driver updated to one for CUDA {0}, use the "
                               "cuda-compat-{0}-{1} package, or a program built for CUDA {2}",
                               needed->major, needed->minor, has.major));
    else if (has.major == needed->major && has.minor < needed->minor)
        judge.warn(subject_of(rank), "the driver is older than the CUDA runtime",
                   fmt::format("{}, the task's CUDA runtime is {}: programs run, but PTX that it "
                               "compiles is refused (CUDA error 222)",
                               driver, rank.cuda_runtime),
                   figure);
    else
        judge.pass(subject_of(rank), "the driver is new enough for the CUDA runtime");
}

void judge_too_old(const Facts& facts, Judge& judge) {
    for (const RankFacts& rank : facts.ranks) {
        if (refused(rank, judge)) continue;
        const NodeFacts* node = facts.node(rank.node);
        if (node == nullptr)
            judge.unknown(subject_of(rank), "nothing is known of the task's node");
        else if (node->described || !node->has_nvidia)
            judge.skip("no NVIDIA driver here");
        else
            compare_with_driver(*node, rank, judge);
    }
}

bool says_mismatch(const std::string& problem) {
    return problem.find("version mismatch") != std::string::npos;
}

/// NVML's words on this node or in one of its tasks when library and module differ, else "".
std::string mismatch_on(const Facts& facts, const NodeFacts& node) {
    if (says_mismatch(node.gpu_problem)) return node.gpu_problem;
    for (const RankFacts* rank : facts.ranks_on(node.name)) {
        if (says_mismatch(rank->nvml_problem)) return rank->nvml_problem;
    }
    return "";
}

std::string mismatch_text(const NodeFacts& node, const std::string& problem) {
    const std::string loaded =
        fmt::format("the loaded kernel module is {}",
                    node.kernel_module.empty() ? "not known" : node.kernel_module);
    if (!problem.empty()) return fmt::format("NVML says '{}'; {}", problem, loaded);
    return fmt::format("{}, the driver's library {}", loaded, node.driver);
}

void judge_mismatch(const Facts& facts, Judge& judge) {
    for (const NodeFacts& node : facts.nodes) {
        const std::string problem = mismatch_on(facts, node);
        const bool known = !node.driver.empty() && !node.kernel_module.empty();
        if (node.described || !node.has_nvidia)
            judge.skip("no NVIDIA driver here");
        else if (!problem.empty() || (known && node.driver != node.kernel_module))
            judge.fire(subject_of(node), "library and kernel module of the driver differ",
                       mismatch_text(node, problem), {node.driver, node.kernel_module, ""});
        else if (!known)
            judge.unknown(subject_of(node),
                          "the version of the library or of the kernel module could not be read");
        else
            judge.pass(subject_of(node), "library and kernel module have the same version");
    }
}

void judge_driver_skew(const Facts& facts, Judge& judge) {
    std::vector<Held> drivers;
    std::map<std::string, std::vector<Held>> vbios;
    for (const NodeFacts& node : facts.nodes) {
        if (node.described || !node.has_nvidia) continue;
        const std::string& driver = node.driver.empty() ? node.kernel_module : node.driver;
        if (driver.empty())
            judge.unknown(subject_of(node), "the driver's version could not be read");
        else
            drivers.push_back({driver, subject_of(node)});
        for (const GpuFacts& gpu : node.gpus) {
            if (gpu.granted && !gpu.vbios.empty())
                vbios[gpu.name].push_back({gpu.vbios, subject_of(node, gpu)});
        }
    }
    judge_same("NVIDIA driver", drivers, judge);
    for (const auto& [name, all] : vbios)
        judge_same(fmt::format("VBIOS of {}", name).c_str(), all, judge);
}

void judge_cuda_skew(const Facts& facts, Judge& judge) {
    std::vector<Held> runtimes, nccls;
    for (const RankFacts& rank : facts.ranks) {
        runtimes.push_back({rank.cuda_runtime, subject_of(rank)});
        nccls.push_back({rank.nccl, subject_of(rank)});
    }
    judge_same("CUDA runtime", runtimes, judge);
    judge_same("NCCL", nccls, judge);
}

void judge_warpstep_skew(const Facts& facts, Judge& judge) {
    std::vector<Held> versions;
    for (const RankFacts& rank : facts.ranks) versions.push_back({rank.warpstep, subject_of(rank)});
    judge_same("warpstep", versions, judge);
}

void judge_kernel_skew(const Facts& facts, Judge& judge) {
    std::vector<Held> kernels;
    for (const NodeFacts& node : facts.nodes) {
        if (!node.described) kernels.push_back({node.kernel, subject_of(node)});
    }
    judge_same("kernel", kernels, judge);
}

}  // namespace

std::vector<Rule> versions() {
    return {
        {"driver-too-old", "Versions", Severity::error, Privilege::user, Level::quick,
         "'CUDA driver version is insufficient for CUDA runtime version' (35), or error 803 or "
         "804.",
         "The program was built with a newer CUDA than the node's driver knows, or a container "
         "brings a libcuda that does not belong to the kernel module.",
         "The CUDA version that the driver tells against that of each task's CUDA runtime; what "
         "cuInit answered.",
         "have the driver updated, or use a program built for the driver's CUDA version",
         over_ranks(judge_too_old)},
        {"driver-library-mismatch", "Versions", Severity::error, Privilege::user, Level::quick,
         "'Failed to initialize NVML: Driver/library version mismatch'.",
         "The driver's packages were updated while the old kernel module stayed loaded.",
         "The version of the loaded kernel module against that of the driver's library, and what "
         "NVML says.",
         "reboot the node; or, while no program uses a GPU: systemctl stop nvidia-persistenced; "
         "modprobe -r nvidia_drm nvidia_modeset nvidia_uvm nvidia; modprobe nvidia",
         over_nodes(judge_mismatch)},
        {"driver-skew", "Versions", Severity::warning, Privilege::user, Level::quick,
         "A job works on some nodes, or is slower on some.",
         "Nodes were updated at different times.",
         "The driver's version among the nodes, and the VBIOS among GPUs of the same model.",
         "have the named nodes updated, or leave them out: sbatch --exclude=NODES",
         over_nodes(judge_driver_skew)},
        {"cuda-nccl-skew", "Versions", Severity::error, Privilege::user, Level::quick,
         "'Mismatched NCCL version', a hang when NCCL starts, or wrong results.",
         "Tasks load different CUDA or NCCL libraries: another container, module or "
         "LD_LIBRARY_PATH on some nodes.",
         "The versions of the CUDA runtime and of NCCL that each task finds, compared before NCCL "
         "starts.",
         "start all tasks with the same container or modules, and pass the same LD_LIBRARY_PATH "
         "with srun --export=ALL",
         over_ranks(judge_cuda_skew)},
        {"warpstep-skew", "Versions", Severity::error, Privilege::user, Level::quick,
         "Ranks refuse one another's messages.",
         "The nodes have different installations of warpstep.",
         "The version that each task reports.",
         "start the same file everywhere: srun --bcast=/tmp/warpstep warpstep, or an installation "
         "that all nodes share",
         over_ranks(judge_warpstep_skew)},
        {"kernel-skew", "Versions", Severity::information, Privilege::user, Level::quick,
         "A job is slower, or misses a feature, on some nodes.",
         "Nodes were updated or rebooted at different times.",
         "The kernel's version among the nodes.",
         "have the named nodes updated, or leave them out: sbatch --exclude=NODES",
         over_nodes(judge_kernel_skew)},
    };
}

}  // namespace warpstep::check::families
