// SPDX-License-Identifier: Apache-2.0
// GPUs that are gone, drivers that hang, and what the driver itself asks for.
#include <fmt/format.h>

#include "runtime/check/rules/health.hpp"
#include "runtime/check/rules/recovery.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::health {
namespace {

std::string drain(const NodeFacts& node, const char* reason) {
    return fmt::format("scontrol update nodename={} state=drain reason=\"{}\"", node.name, reason);
}

void judge_lost(const Facts& facts, Judge& judge) {
    for (const NodeFacts* node : judged_nodes(facts, judge)) {
        for (const GpuFacts& gpu : node->gpus) {
            if (!gpu.granted) continue;
            const Subject subject = subject_of(*node, gpu);
            const std::string fix = fmt::format(
                "{}; reboot {}, and if the GPU at {} is lost again, reseat or replace it; until "
                "then: sbatch --exclude={}",
                drain(*node, "GPU lost"), node->name, gpu.pci, node->name);
            if (!gpu.problem.empty()) {
                judge.fire(subject, "NVML refuses it",
                           fmt::format("NVML says '{}' of the GPU at {}", gpu.problem, gpu.pci), {},
                           fix);
            } else if (!gpu.in_nvml) {
                judge.fire(subject, "on the PCI bus, but not in NVML",
                           fmt::format("the GPU at {} is on the PCI bus, but NVML does not list it",
                                       gpu.pci),
                           {}, fix);
            } else if (!gpu.on_bus) {
                judge.fire(subject, "in NVML, but no longer on the PCI bus",
                           fmt::format("NVML lists the GPU at {}, but it is no longer on the PCI "
                                       "bus",
                                       gpu.pci),
                           {}, fix);
            } else {
                judge.pass(subject, "on the PCI bus and in NVML");
            }
        }
    }
}

void judge_hang(const Facts& facts, Judge& judge) {
    for (const NodeFacts& node : facts.nodes) {
        if (!node.collector_problem.empty()) {
            judge.fire(subject_of(node), "the driver did not answer",
                       fmt::format("the process that asked the driver gave no answer: {}",
                                   node.collector_problem),
                       {},
                       fmt::format("{}; reboot {}; as root, keep the stacks of the processes that "
                                   "hang: echo w > /proc/sysrq-trigger; dmesg | tail -200",
                                   drain(node, "GPU driver hangs"), node.name));
        } else if (node.described) {
            judge.skip("described by a file: no driver was asked");
        } else if (!node.has_nvidia) {
            judge.skip("no NVIDIA GPU here");
        } else {
            judge.pass(subject_of(node), "the driver answered in time");
        }
    }
}

bool says_unknown_error(const std::string& problem) {
    return problem.find("Unknown Error") != std::string::npos ||
           problem.find("unknown error") != std::string::npos;
}

/// What NVML told the node's tasks that is no answer.
std::string problem_of_ranks(const Facts& facts, const NodeFacts& node) {
    for (const RankFacts* rank : facts.ranks_on(node.name)) {
        if (says_unknown_error(rank->nvml_problem)) return rank->nvml_problem;
    }
    return "";
}

void judge_nvml_lost(const Facts& facts, Judge& judge) {
    for (const NodeFacts& node : facts.nodes) {
        const Subject subject = subject_of(node);
        const std::string problem =
            says_unknown_error(node.gpu_problem) ? node.gpu_problem : problem_of_ranks(facts, node);
        if (node.described)
            judge.skip("described by a file: NVML was not asked");
        else if (!node.has_nvidia)
            judge.skip("no NVIDIA GPU here");
        else if (!problem.empty())
            judge.fire(
                subject, "NVML fails with an unknown error",
                fmt::format("NVML says '{}' though the node has NVIDIA GPUs{}", problem,
                            node.device_files.value_or(0) > 0
                                ? fmt::format(" and {} device files exist", *node.device_files)
                                : ""),
                {});
        else if (!node.collector_problem.empty())
            judge.unknown(subject, fmt::format("NVML told nothing ({})", node.collector_problem));
        else if (!node.gpu_problem.empty())
            judge.skip(fmt::format("NVML fails for another reason ({})", node.gpu_problem));
        else
            judge.pass(subject, "NVML answers");
    }
}

void judge_recovery(const JudgedGpu& it, Judge& judge) {
    const auto action = it.gpu->health.recovery_action;
    if (!action) {
        judge.skip("this driver tells no recovery action");
        return;
    }
    const auto recovery = recovery_of(*action, it.gpu->uuid, it.node->name);
    if (!recovery)
        judge.unknown(it.subject(),
                      fmt::format("the driver asks for recovery action {}, which is not known "
                                  "here; look at GPU Recovery Action in nvidia-smi -q",
                                  *action));
    else if (recovery->number == 0)
        judge.pass(it.subject(), "the driver asks for no recovery");
    else
        judge.fire(
            it.subject(), fmt::format("the driver asks for {}", recovery->wanted),
            fmt::format("the driver asks for {} (recovery action {})", recovery->wanted, *action),
            {std::to_string(*action), "0", ""},
            fmt::format("{}; {}", drain(*it.node, "GPU recovery action"), recovery->steps));
}

}  // namespace

std::vector<Rule> faults() {
    return {
        {"gpu-lost", "GPU health", Severity::error, Privilege::user, Level::quick,
         "The program sees fewer GPUs than Slurm granted, or ends with 'GPU is lost'.",
         "The GPU no longer answers on the PCI bus: it has fallen off (Xid 79), its board lost "
         "power, or the driver gave it up.",
         "The PCI functions of NVIDIA in /sys/bus/pci are compared with NVML's list, and NVML's "
         "answer for each of them is looked at.",
         "drain the node, reboot it, and reseat or replace the GPU when it is lost again",
         over_gpu_states(judge_lost)},
        {"driver-hang", "GPU health", Severity::error, Privilege::user, Level::quick,
         "nvidia-smi, the program or its end hangs; processes cannot be killed (state D).",
         "The kernel driver waits for a GPU that does not answer. Nothing but a reboot ends it.",
         "NVML is asked in a process of its own, which must answer before a deadline.",
         "drain the node and reboot it", over_nodes(judge_hang)},
        {"box-nvml-lost", "GPU health", Severity::error, Privilege::user, Level::quick,
         "'Failed to initialize NVML: Unknown Error' in a container or job that worked before.",
         "The devices were taken out of the cgroup while it ran, mostly because systemctl "
         "daemon-reload wrote the device rules anew.",
         "What NVML says when it is initialised, on each node and in each task.",
         "restart the container or job; to keep it from coming back, the administrator creates "
         "the links that systemd looks for: nvidia-ctk system create-dev-char-symlinks "
         "--create-all, or passes the devices with CDI",
         over_nodes(judge_nvml_lost)},
        {"recovery-action", "GPU health", Severity::error, Privilege::user, Level::quick,
         "Programs fail on one GPU until the node is rebooted.",
         "After an error the driver decided that the GPU must be reset, the node rebooted, or "
         "peer traffic ended, before it can be used again.",
         "NVML's GPU recovery action of each GPU, which must be none.",
         "do what the driver asks for: reset the GPU or reboot the node", each_gpu(judge_recovery)},
    };
}

}  // namespace warpstep::check::health
