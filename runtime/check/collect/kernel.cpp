// SPDX-License-Identifier: Apache-2.0
// Settings of the kernel and its modules.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"
#include "runtime/process/cpu_list.hpp"

namespace warpstep::check {

namespace {

constexpr std::array module_names = {"nvidia",      "nvidia_uvm", "nvidia_peermem",
                                     "nv_peer_mem", "nvidia_drm", "gdrdrv",
                                     "nvidia_fs",   "nouveau",    "ib_uverbs"};

void read_governors(const Sources& sources, NodeFacts& facts) {
    std::map<std::string, process::CpuList> cpus;
    const std::string folder = sources.sys + "/devices/system/cpu";
    for (const int cpu : numbered_entries(folder, "cpu")) {
        const auto governor =
            line_of(fmt::format("{}/cpu{}/cpufreq/scaling_governor", folder, cpu));
        if (governor) cpus[*governor].push_back(cpu);
    }
    for (const auto& [governor, list] : cpus) facts.governors[governor] = process::show(list);
}

/// The daemon leaves its process id beside its pipe. Source: nvidia-cuda-mps-control(1).
bool mps_runs(const Sources& sources) {
    const std::string folder =
        variable(sources.env, "CUDA_MPS_PIPE_DIRECTORY").value_or("/tmp/nvidia-mps");
    if (!exists(folder + "/control")) return false;
    const auto pid = number_of(folder + "/nvidia-cuda-mps-control.pid");
    return !pid || exists(fmt::format("{}/{}", sources.proc, *pid));
}

bool is_virtual(const Sources& sources) {
    const std::string text = text_of(sources.proc + "/cpuinfo").value_or("");
    const auto flags = text.find("\nflags");
    if (flags == text.npos) return false;
    const std::string line = text.substr(flags + 1, text.find('\n', flags + 1) - flags);
    return line.find(" hypervisor") != line.npos;
}

/// The open kernel module exports GPU memory as DMA-BUF.
std::optional<bool> has_dma_buf(const Sources& sources) {
    const auto text = text_of(sources.proc + "/driver/nvidia/version");
    if (!text) return std::nullopt;
    return text->find("Open Kernel Module") != text->npos;
}

}  // namespace

void collect_kernel(const Sources& sources, NodeFacts& facts) {
    for (const char* name : module_names)
        facts.modules[name] = exists(fmt::format("{}/module/{}", sources.sys, name));
    facts.kernel_module = line_of(sources.sys + "/module/nvidia/version").value_or("");
    facts.dma_buf = has_dma_buf(sources);
    facts.mps = mps_runs(sources);
    read_governors(sources, facts);
    if (const auto mode = number_of(sources.proc + "/sys/kernel/numa_balancing"))
        facts.numa_balancing = *mode != 0;
    facts.offline_cpus = line_of(sources.sys + "/devices/system/cpu/offline").value_or("");
    facts.virtual_machine = is_virtual(sources);
}

}  // namespace warpstep::check
