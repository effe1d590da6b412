// SPDX-License-Identifier: Apache-2.0
// NVLink and the fabric that connects it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/check/rules/gpus.hpp"
#include "runtime/check/rules/links.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/device/gpu_models.hpp"

namespace warpstep::check::links {
namespace {

constexpr int system_not_ready = 802;  ///< CUDA_ERROR_SYSTEM_NOT_READY
constexpr unsigned fabric_completed = 3;

/// How many links a GPU should have, and who says so.
struct ExpectedLinks {
    unsigned count = 0;
    const char* source = "";
};

using LinksByModel = std::map<std::string, unsigned>;

ExpectedLinks expected_links(const GpuFacts& gpu, const LinksByModel& most) {
    if (const auto known = device::nvlinks_of(gpu.name)) return {known->links, "this model has"};
    const auto peers = most.find(gpu.name);
    if (peers == most.end()) return {};
    return {peers->second, "another of this model has"};
}

void judge_down(const Facts& facts, Judge& judge) {
    const auto gpus = judged_gpus(facts, judge);
    LinksByModel most;
    for (const JudgedGpu& it : gpus) {
        unsigned& links = most[it.gpu->name];
        links = std::max(links, it.gpu->links.nvlinks_active.value_or(0));
    }
    for (const JudgedGpu& it : gpus) {
        const auto active = it.gpu->links.nvlinks_active;
        const ExpectedLinks expected = expected_links(*it.gpu, most);
        if (expected.count == 0) {
            judge.skip("no NVLink here");
        } else if (it.node->gpus.size() < 2 && !active) {
            judge.skip("the only GPU of its node, whose NVLinks NVML does not tell");
        } else if (it.gpu->modes.mig_current.value_or(false)) {
            judge.skip("MIG is on, which uses no NVLink");
        } else if (!active) {
            judge.unknown(it.subject(), "NVML does not tell which NVLinks are active");
        } else if (*active == 0 && it.node->gpus.size() == 1) {
            judge.skip("the only GPU here has none to be linked with");
        } else if (*active >= expected.count) {
            judge.pass(it.subject(), "every NVLink is active");
        } else {
            judge.fire(it.subject(), "NVLinks are down",
                       fmt::format("{} NVLinks are active, {} {}", *active, expected.source,
                                   expected.count),
                       {std::to_string(*active), std::to_string(expected.count), "links"},
                       fmt::format("on {}: nvidia-smi nvlink --status -i {}; journalctl -u "
                                   "nvidia-fabricmanager; drain the node, reset the GPU, and have "
                                   "it reseated or replaced when links stay down",
                                   it.node->name, it.gpu->uuid));
        }
    }
}

void judge_errors(const JudgedGpu& it, Judge& judge) {
    const auto ever = it.gpu->links.nvlink_errors;
    const Load load = load_of(*it.facts, *it.gpu);
    const auto rise = load.sum("nvlink_errors");
    if (it.gpu->links.nvlinks_active.value_or(0) == 0)
        judge.skip("no NVLink is active here");
    else if (rise.value_or(0) > 0)
        judge.fire(it.subject(), "NVLink errors rise under traffic",
                   fmt::format("{:.0f} NVLink errors (CRC, replay, recovery) during {}", *rise,
                               load.told_by("nvlink_errors")),
                   {plain(*rise), "0", "errors"},
                   fmt::format("on {}: nvidia-smi nvlink --errorcounters -i {}; reseat the GPU "
                               "or its bridge, replace it when the errors stay",
                               it.node->name, it.gpu->uuid));
    else if (rise)
        judge.pass(it.subject(), "no NVLink error under traffic");
    else if (!ever)
        judge.unknown(it.subject(), "NVML does not tell the NVLink error counters");
    else if (*ever == 0)
        judge.pass(it.subject(), "no NVLink error since the driver was loaded");
    else
        judge.unknown(it.subject(),
                      "NVLink errors were counted since the driver was loaded; whether they "
                      "still rise needs traffic: warpstep check --level standard");
}

const char* name_of_state(unsigned state) {
    return state == 1 ? "not started" : state == 2 ? "in progress" : "unknown";
}

/// A rank of the node whose CUDA says that the fabric is not ready.
const RankFacts* refused_rank(const Facts& facts, const NodeFacts& node) {
    for (const RankFacts* rank : facts.ranks_on(node.name)) {
        if (rank->cuda_status == system_not_ready) return rank;
    }
    return nullptr;
}

std::string drain(const NodeFacts& node) {
    return fmt::format("scontrol update nodename={} state=drain reason=\"fabric not ready\"",
                       node.name);
}

/// A second fabric manager, on a node of a rack, breaks what the switch trays have set up.
std::string ask_rack(const NodeFacts& node) {
    return fmt::format(
        "on {}: nvidia-smi -q | grep -A 8 Fabric; nvidia-imex-ctl -N; the fabric manager runs in "
        "the rack's NVLink switch trays, none belongs on the node: ask the administrator of the "
        "NVLink domain to look at nv show cluster apps there; until then: {}",
        node.name, drain(node));
}

std::string start_manager(const NodeFacts& node) {
    return fmt::format(
        "on {}: systemctl start nvidia-fabricmanager (version {}, that of the driver); until then: "
        "{}",
        node.name, node.driver.empty() ? "of the driver" : node.driver, drain(node));
}

std::string make_ready(const NodeFacts& node) {
    const bool in_rack = std::any_of(node.gpus.begin(), node.gpus.end(), [](const GpuFacts& gpu) {
        return device::joins_rack_fabric(gpu.name);
    });
    return in_rack ? ask_rack(node) : start_manager(node);
}

void judge_fabric(const Facts& facts, Judge& judge) {
    std::vector<std::string> named;
    for (const JudgedGpu& it : judged_gpus(facts, judge)) {
        const auto state = it.gpu->links.fabric_state;
        const int status = it.gpu->links.fabric_status.value_or(0);
        if (state.value_or(0) == 0) {
            judge.skip("no fabric to register with");
        } else if (*state == fabric_completed && status == 0) {
            judge.pass(it.subject(), "registered with the fabric");
        } else {
            named.push_back(it.node->name);
            const std::string what =
                *state == fabric_completed
                    ? fmt::format("registration with the fabric failed (NVML status {})", status)
                    : fmt::format("registration with the fabric is {}", name_of_state(*state));
            const Figure figure = *state == fabric_completed
                                      ? Figure{std::to_string(status), "0", "NVML status"}
                                      : Figure{std::to_string(*state), "3", "fabric state"};
            judge.fire(it.subject(), what, figure, make_ready(*it.node));
        }
    }
    for (const NodeFacts& node : facts.nodes) {
        const RankFacts* rank = refused_rank(facts, node);
        if (rank == nullptr || std::find(named.begin(), named.end(), node.name) != named.end())
            continue;
        judge.fire(
            subject_of(node), "CUDA says that the system is not ready",
            fmt::format("CUDA error 802 (system not yet initialized) on rank {}", rank->rank),
            {"802", "0", "CUDA error"}, make_ready(node));
    }
}

}  // namespace

std::vector<Rule> nvlink() {
    return {
        {"nvlink-down", "Links", Severity::error, Privilege::user, Level::quick,
         "Collectives and copies between GPUs are slow, or NCCL goes over PCIe.",
         "Links of the GPU were not trained, or its bridge, switch or board has a fault.",
         "Active NVLinks against those of the model (18 for H100, H200 and B200, 12 for A100, 6 "
         "for V100 on SXM boards), else against the most that another GPU of the model has.",
         "nvidia-smi nvlink --status; journalctl -u nvidia-fabricmanager; reseat the GPU",
         over_gpu_states(judge_down)},
        {"nvlink-errors", "Links", Severity::warning, Privilege::user, Level::quick,
         "Collectives are now and then slow, later links go down.",
         "Bits are lost on a link, and sent again.",
         "The rise of CRC, replay and recovery counters under the probes' traffic; without "
         "traffic, whether they ever counted.",
         "nvidia-smi nvlink --errorcounters; reseat the GPU or its bridge", each_gpu(judge_errors)},
        {"fabric-not-ready", "Links", Severity::error, Privilege::user, Level::quick,
         "CUDA error 802, 'system not yet initialized', though nvidia-smi looks fine.",
         "On boards with NVSwitch (HGX, DGX) the fabric manager must run, in the driver's version, "
         "before CUDA works. In racks with NVLink switch trays (GB200 NVL72, GB300 NVL72) it runs "
         "in the trays, and must not be started on the node.",
         "NVML's fabric state of each GPU, which must be completed with status 0; error 802 of "
         "cuInit.",
         "look at the fabric section of nvidia-smi -q; HGX and DGX boards: have the node's fabric "
         "manager run in the driver's version (journalctl -u nvidia-fabricmanager); racks: "
         "nvidia-imex-ctl -N on the node, nv show cluster apps on the NVLink switch trays",
         over_gpu_states(judge_fabric)},
    };
}

}  // namespace warpstep::check::links
