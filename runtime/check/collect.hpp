// SPDX-License-Identifier: Apache-2.0
// The collection of facts: what this task, its node and other programs on it are like. Looks, and
// changes nothing; creates no CUDA context. What may hang (NVIDIA's driver, the launcher's
// commands, name servers) is asked in a child process or a thread that is left behind.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/process/child.hpp"
#include "runtime/step/step.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::check {

/// Where things are read from. Tests have roots and programs of their own.
struct Sources {
    std::string proc = "/proc", sys = "/sys", dev = "/dev", etc = "/etc";
    std::map<std::string, std::string> env;  ///< every variable of this task
    std::string host_name;
    /// Runs a program under a deadline.
    std::function<process::ChildEnd(const process::ChildCommand&, std::chrono::milliseconds)> run =
        process::run_child;
    std::string program = "warpstep";             ///< this program's path
    std::chrono::milliseconds gpu_limit{20'000};  ///< of the child that asks NVML
    std::chrono::milliseconds command_limit{2'000};
    std::chrono::milliseconds resolve_limit{2'000};

    /// WARPSTEP_NVML_LIBRARY, else libnvidia-ml.so.1.
    std::string nvml_library() const;
};

/// This machine and this process.
Sources live_sources();

/// The variables that rules look at: the launcher's, those of GPU and communication libraries,
/// proxies, LD_PRELOAD and our own. Nothing whose name looks like a secret's, and no password of a
/// proxy.
std::map<std::string, std::string> relevant_variables(
    const std::map<std::string, std::string>& env);

/// Everything about this task that needs neither another rank nor a CUDA context. Who it is, is
/// what the launcher's variables claim: see add_step. On a described node (WARPSTEP_TOPOLOGY) its
/// CPUs and GPUs are the description's. Left to the caller: pmix, clock_offset_s, command,
/// command_links_mpi, cuda_status, cuda_gpus (but on a described node), cuda_runtime, nccl,
/// warpstep. Blocking, at most gpu_limit and twice resolve_limit. Errors: none are thrown.
RankFacts collect_rank(const Sources& sources);

/// Puts the identity that the step has found in the place of claims.
void add_step(RankFacts& facts, const step::Step& step);

/// What one node is. `node` is topology::discover_node's, best with NodeRequest::ask_nvml = false
/// where the driver may hang. `ranks` and `allowed_cpus` are this task's; the caller adds those of
/// the node's other tasks, and makes GPUs that only those were given `granted`. Blocking, at most
/// gpu_limit and three times command_limit (and two seconds for each that has to be killed).
/// Errors: none are thrown.
NodeFacts collect_node(const Sources& sources, const topology::Node& node);

/// How much a GPU child tells.
enum class GpuDetail {
    list,   ///< which GPUs there are
    health  ///< and everything else
};

/// The work of the child, `warpstep check --collect-gpus list|health`: NVML's answer as the JSON of
/// a NodeFacts with nothing but its GPUs, for its standard output. Blocks as long as the driver
/// does. Errors: none are thrown.
std::string gpu_report(const Sources& sources, GpuDetail detail);

/// What the child reported, or how it ended, joined with what `node` knows of its GPUs.
void add_gpu_report(NodeFacts& node, const process::ChildEnd& end, std::chrono::milliseconds limit);

/// Processes on this node of a step ("48.0", or "48" for all of a job's) as their environment or
/// cgroup says, and what they started; ascending by process id. Not the launcher's own daemons.
/// `gpus` tells which GPUs are used by whom: collect_node's. Errors: none are thrown.
std::vector<ProgramFacts> collect_programs(const Sources& sources, const std::string& step,
                                           const std::vector<GpuFacts>& gpus);

/// A process and its descendants.
std::vector<ProgramFacts> collect_programs_of(const Sources& sources, std::int64_t pid,
                                              const std::vector<GpuFacts>& gpus);

}  // namespace warpstep::check
