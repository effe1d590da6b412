// SPDX-License-Identifier: Apache-2.0
// Settings that administrators make, or forget.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "runtime/check/rules/health.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::health {
namespace {

void judge_persistence(const JudgedGpu& it, Judge& judge) {
    const auto on = it.gpu->modes.persistence;
    if (!on)
        judge.unknown(it.subject(), "NVML does not tell the persistence mode");
    else if (*on)
        judge.pass(it.subject(), "persistence mode is on");
    else
        judge.fire(it.subject(), "persistence mode is off", {"off", "on", ""});
}

std::size_t granted_gpus(const NodeFacts& node) {
    return static_cast<std::size_t>(std::count_if(node.gpus.begin(), node.gpus.end(),
                                                  [](const GpuFacts& gpu) { return gpu.granted; }));
}

bool wants_mps(const Facts& facts, const NodeFacts& node) {
    if (facts.intent.share.value_or(1) > 1) return true;
    for (const RankFacts* rank : facts.ranks_on(node.name)) {
        for (const auto& [name, value] : rank->env) {
            if (name.starts_with("CUDA_MPS_")) return true;
        }
    }
    return false;
}

/// Why a second process will be refused on a GPU that takes one; "" when none is to come.
std::string second_process(const Facts& facts, const JudgedGpu& it) {
    if (it.node->mps) return "";
    const int share = facts.intent.share.value_or(1);
    if (share > 1) return fmt::format("{} tasks are to share it", share);
    const std::size_t tasks = it.node->ranks.size(), gpus = granted_gpus(*it.node);
    if (tasks > gpus) return fmt::format("{} tasks have {} GPUs", tasks, gpus);
    for (const GpuProcess& process : it.gpu->processes) {
        if (!process.of_this_step)
            return fmt::format("process {} has it already{}", process.pid,
                               process.command.empty() ? "" : " (" + process.command + ")");
    }
    return "";
}

void judge_compute_mode(const Facts& facts, Judge& judge) {
    for (const JudgedGpu& it : judged_gpus(facts, judge)) {
        const auto mode = it.gpu->modes.compute_mode;
        const std::string reset = fmt::format("nvidia-smi -i {} -c 0", it.gpu->uuid);
        if (!mode) {
            judge.unknown(it.subject(), "NVML does not tell the compute mode");
        } else if (*mode == 2) {
            judge.fire(it.subject(), "compute mode 'prohibited': no program can use it",
                       {"2", "0", "compute mode"}, reset);
        } else if (const std::string why = *mode == 0 ? "" : second_process(facts, it);
                   !why.empty()) {
            judge.fire(it.subject(), "compute mode 'exclusive', but more than one process",
                       fmt::format("compute mode 'exclusive' lets one process in, but {}", why),
                       {std::to_string(*mode), "0", "compute mode"},
                       fmt::format("--ntasks-per-node={}, one task for each GPU; or {}",
                                   granted_gpus(*it.node), reset));
        } else {
            judge.pass(it.subject(), "the compute mode lets the tasks in");
        }
    }
    for (const NodeFacts& node : facts.nodes) {
        // Why a node is not judged has been said of its GPUs.
        const bool judged = !node.described && node.has_nvidia && node.collector_problem.empty() &&
                            node.gpu_problem.empty();
        if (!judged || !node.mps || wants_mps(facts, node)) continue;
        judge.warn(subject_of(node), "an MPS server runs unasked",
                   "an MPS server runs though nothing asked for it: a fault of one client ends the "
                   "others on the GPU",
                   {}, "echo quit | nvidia-cuda-mps-control");
    }
}

/// A MIG profile's name ("1g.10gb", "a100_3g.20gb"): a digit, then "g.".
bool names_profile(const std::string& text) {
    for (std::size_t at = text.find("g."); at != std::string::npos; at = text.find("g.", at + 1)) {
        if (at > 0 && std::isdigit(static_cast<unsigned char>(text[at - 1])) != 0) return true;
    }
    return text.find("MIG-") != std::string::npos;
}

bool asks_for_mig(const Facts& facts, const NodeFacts& node) {
    const auto& detail = node.job_gpus_detail;
    if (std::any_of(detail.begin(), detail.end(), names_profile)) return true;
    for (const RankFacts* rank : facts.ranks_on(node.name)) {
        for (const auto& [name, value] : rank->env) {
            const bool about_gpus = name == "CUDA_VISIBLE_DEVICES" ||
                                    name.find("GPU") != std::string::npos ||
                                    name.find("TRES") != std::string::npos;
            if (about_gpus && names_profile(value)) return true;
        }
    }
    return false;
}

/// "nvidia-smi -i GPU -mig 0", which becomes valid with a reset.
std::string set_mig(const JudgedGpu& it, bool on) {
    return fmt::format("nvidia-smi -i {} -mig {}", it.gpu->uuid, on ? 1 : 0);
}

/// Fires when MIG of one GPU is not as the step asked.
bool mig_differs_from_request(const Facts& facts, const JudgedGpu& it, Judge& judge) {
    const GpuModes& modes = it.gpu->modes;
    const bool on = *modes.mig_current;
    if (modes.mig_pending && *modes.mig_pending != on) {
        judge.fire(it.subject(), "the MIG mode changes at the next reset",
                   fmt::format("MIG is {} and will be {} after the next reset", on ? "on" : "off",
                               on ? "off" : "on"),
                   {on ? "on" : "off", on ? "off" : "on", ""},
                   fmt::format("nvidia-smi --gpu-reset -i {} to have it changed, or {} to keep it",
                               it.gpu->uuid, set_mig(it, on)));
        return true;
    }
    if (on && modes.mig_instances.empty()) {
        judge.fire(
            it.subject(), "MIG is on without an instance",
            "MIG is on without an instance, so that no program can use it",
            {"0", ">= 1", "instances"},
            fmt::format("nvidia-smi mig -i {} -cgi 0 -C, or {}", it.gpu->uuid, set_mig(it, false)));
        return true;
    }
    if (on && facts.in_slurm() && !asks_for_mig(facts, *it.node)) {
        judge.fire(it.subject(), "MIG is on though whole GPUs were asked for",
                   fmt::format("MIG is on ({} instances) though the job asked for whole GPUs",
                               modes.mig_instances.size()),
                   {"on", "off", ""},
                   set_mig(it, false) +
                       ", or ask for instances by the type that gres.conf names: "
                       "--gres=gpu:1g.10gb:1");
        return true;
    }
    return false;
}

void judge_mig(const Facts& facts, Judge& judge) {
    const auto gpus = judged_gpus(facts, judge);
    std::size_t told = 0, with = 0;
    for (const JudgedGpu& it : gpus) {
        told += it.gpu->modes.mig_current.has_value();
        with += it.gpu->modes.mig_current.value_or(false);
    }
    const bool mostly = with * 2 > told;
    for (const JudgedGpu& it : gpus) {
        const auto on = it.gpu->modes.mig_current;
        if (!on) {
            judge.skip("this model has no MIG");
        } else if (mig_differs_from_request(facts, it, judge)) {
            continue;
        } else if (with > 0 && with < told && *on != mostly && asks_for_mig(facts, *it.node)) {
            judge.fire(it.subject(), "MIG differs among the step's GPUs",
                       fmt::format("MIG is {} here, on most of the step's GPUs it is {}",
                                   *on ? "on" : "off", mostly ? "on" : "off"),
                       {*on ? "on" : "off", mostly ? "on" : "off", ""}, set_mig(it, mostly));
        } else {
            judge.pass(it.subject(), *on ? "MIG is on, as asked for" : "MIG is off");
        }
    }
}

}  // namespace

std::vector<Rule> modes() {
    return {
        {"persistence-off", "GPU health", Severity::warning, Privilege::user, Level::quick,
         "Each program starts seconds late, and clocks, modes and counters are lost between jobs.",
         "Without persistence mode the driver gives the GPU up when its last program ends.",
         "NVML's persistence mode of each GPU.", "systemctl enable --now nvidia-persistenced",
         each_gpu(judge_persistence)},
        {"compute-mode", "GPU health", Severity::error, Privilege::user, Level::quick,
         "'CUDA-capable device(s) is/are busy or unavailable' (CUDA error 46).",
         "The compute mode lets one process or none at a GPU, but more are there or planned.",
         "NVML's compute mode against the tasks for each GPU, the wanted sharing and the processes "
         "that have the GPU; also an MPS server that nothing asked for.",
         "nvidia-smi -c 0", over_gpu_states(judge_compute_mode)},
        {"mig-unexpected", "GPU health", Severity::error, Privilege::user, Level::quick,
         "Programs see a slice of a GPU, no GPU at all, or NCCL fails.",
         "MIG divides GPUs that were asked for as a whole, or its mode differs among nodes or from "
         "what comes after the next reset.",
         "NVML's current and pending MIG mode against the request that Slurm's variables hold, and "
         "among the step's GPUs.",
         "nvidia-smi -mig 0, or ask for the MIG type in --gres", over_gpu_states(judge_mig)},
    };
}

}  // namespace warpstep::check::health
