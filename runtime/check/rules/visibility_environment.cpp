// SPDX-License-Identifier: Apache-2.0
// Variables and mixtures of GPUs that change what a program takes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/rules/visibility.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

struct Slowing {
    const char* name;
    const char* value;  ///< that does harm; "": any
    const char* effect;
    const char* who;  ///< usually sets it
};

constexpr std::array<Slowing, 7> slowing{{
    {"CUDA_LAUNCH_BLOCKING", "1", "makes every kernel launch wait for its end",
     "a debugging session"},
    {"NCCL_P2P_DISABLE", "1", "keeps NCCL off NVLink and PCIe peer access",
     "a workaround for workstations, often in a container image or ~/.bashrc"},
    {"NCCL_SHM_DISABLE", "1", "sends the traffic inside a node over the network",
     "a workaround for a small /dev/shm, often in a container image"},
    {"NCCL_ALGO", "", "takes the choice of algorithm from NCCL",
     "an old tuning or benchmark script"},
    {"NCCL_PROTO", "", "takes the choice of protocol from NCCL",
     "an old tuning or benchmark script"},
    {"NCCL_COMM_BLOCKING", "1", "lets a start of NCCL wait for a lost rank without a deadline",
     "a site's module"},
    {"NCCL_DEBUG", "TRACE", "makes NCCL write a line for every call", "a debugging session"},
}};

/// Models among the granted GPUs, by node.
std::map<std::string, std::set<std::string>> models_by_node(const Facts& facts) {
    std::map<std::string, std::set<std::string>> models;
    for (const NodeFacts& node : facts.nodes) {
        for (const GpuFacts* gpu : granted_gpus(facts, node)) {
            if (!gpu->name.empty()) models[node.name].insert(gpu->name);
        }
    }
    return models;
}

void judge_environment(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    auto by_node = models_by_node(facts);
    for (const RankFacts& rank : facts.ranks) {
        const Subject subject = subject_of(rank);
        for (const Slowing& slow : slowing) {
            const auto value = variable(rank.env, slow.name);
            if (!value || value->empty() || (*slow.value != '\0' && *value != slow.value)) continue;
            judge.fire(subject, fmt::format("{}={} {}", slow.name, *value, slow.effect), {},
                       fmt::format("unset {} (usually set by {})", slow.name, slow.who));
        }
        if (rank.env.contains("CUDA_DEVICE_ORDER")) continue;
        const auto models = by_node[rank.node].size();
        if (models > 1)
            judge.fire(subject,
                       fmt::format("CUDA_DEVICE_ORDER is not set beside {} models of GPUs, which "
                                   "CUDA orders by speed and Slurm by PCI address",
                                   models),
                       {}, "export CUDA_DEVICE_ORDER=PCI_BUS_ID");
    }
    judge.pass_if_silent("no variable slows the GPUs down or changes their order");
}

std::vector<std::string> list_of_entries(const std::string& list) {
    std::vector<std::string> result;
    for (const std::string& piece : split(list, ',')) result.emplace_back(trim(piece));
    return result;
}

bool is_numbers(const std::vector<std::string>& list) {
    return !list.empty() && std::all_of(list.begin(), list.end(), [](const std::string& entry) {
        return !entry.empty() && entry.find_first_not_of("0123456789") == entry.npos;
    });
}

/// The container counts what it was given from 0, the process counts as outside.
bool counts_twice(const Seeing& task) {
    const auto box =
        list_of_entries(variable(task.rank->env, "NVIDIA_VISIBLE_DEVICES").value_or(""));
    const auto cuda =
        list_of_entries(variable(task.rank->env, "CUDA_VISIBLE_DEVICES").value_or(""));
    if (!is_numbers(box) || !is_numbers(cuda) || task.view.reachable.size() != box.size())
        return false;
    return std::any_of(cuda.begin(), cuda.end(), [&](const std::string& entry) {
        return entry.size() > 4 || std::stoul(entry) >= box.size();
    });
}

void judge_double_visible(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const Seeing& task : seeing(facts)) {
        if (!counts_twice(task)) continue;
        judge.fire(task.subject(),
                   fmt::format("the container was given {} and counts them from 0, but {} counts "
                               "the GPUs of the node",
                               shown_variable(task.rank->env, "NVIDIA_VISIBLE_DEVICES"),
                               shown_variable(task.rank->env, "CUDA_VISIBLE_DEVICES")));
    }
    judge.pass_if_silent(
        "CUDA_VISIBLE_DEVICES does not select again from what a container was given");
}

void judge_other_vendors(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    for (const RankFacts& rank : facts.ranks) {
        const NodeFacts* node = facts.node(rank.node);
        if (node == nullptr || node->gpus.empty()) continue;
        std::vector<std::string> set;
        for (const char* name : {"ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK",
                                 "GPU_DEVICE_ORDINAL"}) {
            if (rank.env.contains(name)) set.emplace_back(name);
        }
        if (!set.empty())
            judge.fire({rank.node, rank.rank, "", "", ""},
                       fmt::format("{} set beside NVIDIA GPUs", join(set, ", ")), {},
                       fmt::format("harmless for CUDA; for HIP or oneAPI programs: unset {}; "
                                   "administrator: Flags=nvidia_gpu_env in gres.conf",
                                   join(set, " ")));
    }
    judge.pass_if_silent("no variable for GPUs of another vendor");
}

/// "h100" of "NVIDIA H100 80GB HBM3": how sites name the type of a model.
std::string type_of(const std::string& model) {
    for (const std::string& word : split(model, ' ')) {
        if (word.find_first_of("0123456789") == word.npos) continue;
        std::string type = word.substr(0, word.find('-'));
        for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return type;
    }
    return "TYPE";
}

struct Model {
    std::size_t gpus = 0;
    std::string name, first_node;
};

std::map<std::string, Model> models_of(const Facts& facts) {
    std::map<std::string, Model> models;
    for (const NodeFacts& node : facts.nodes) {
        for (const GpuFacts* gpu : granted_gpus(facts, node)) {
            if (gpu->name.empty()) continue;
            const auto gib = (gpu->memory_bytes + (1ull << 29)) >> 30;
            Model& model = models[fmt::format("{} with {} GiB", gpu->name, gib)];
            if (model.gpus++ == 0) model.first_node = node.name;
            model.name = gpu->name;
        }
    }
    return models;
}

void judge_mixed(const Facts& facts, Judge& judge) {
    if (nothing_to_see(facts, judge)) return;
    const auto models = models_of(facts);
    if (models.empty()) return judge.skip("no GPU tells its model");
    if (models.size() == 1)
        return judge.pass({},
                          fmt::format("{} of model {}", counted(models.begin()->second.gpus, "GPU"),
                                      models.begin()->first));
    const auto most = std::max_element(models.begin(), models.end(), [](auto& a, auto& b) {
        return a.second.gpus < b.second.gpus;
    });
    std::vector<std::string> shares;
    for (const auto& [name, model] : models)
        shares.push_back(fmt::format("{} {} (first on {})", model.gpus, name, model.first_node));
    std::size_t per_node = 0;
    for (const NodeFacts& node : facts.nodes)
        per_node = std::max(per_node, granted_gpus(facts, node).size());
    judge.fire({}, fmt::format("the step has {}", join(shares, ", ")),
               {std::to_string(models.size()), "1", "models"},
               fmt::format("ask for one type: --gres=gpu:{}:{} (sinfo -o '%N %G' lists the types)",
                           type_of(most->second.name), per_node));
}

}  // namespace

std::vector<Rule> rules_of_gpu_environment() {
    return {
        {"gpu-env", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "Everything runs, but slowly, on another card of a mixed node than was meant, or without "
         "end when a rank is lost.",
         "A variable of an earlier debugging or tuning is still set, or CUDA orders mixed cards by "
         "speed where Slurm orders them by PCI address.",
         "CUDA_LAUNCH_BLOCKING, NCCL_P2P_DISABLE, NCCL_SHM_DISABLE, NCCL_ALGO, NCCL_PROTO, "
         "NCCL_COMM_BLOCKING and NCCL_DEBUG of every rank; CUDA_DEVICE_ORDER on nodes with several "
         "models.",
         "Unset the variable; on mixed nodes export CUDA_DEVICE_ORDER=PCI_BUS_ID.",
         over_ranks(judge_environment)},
        {"gpu-double-visible", visibility_family, Severity::error, Privilege::user, Level::quick,
         "A container shows no GPU, or other ones than were granted.",
         "The GPUs are selected twice: NVIDIA_VISIBLE_DEVICES when the container starts, and by "
         "CUDA_VISIBLE_DEVICES with the numbers of the node inside, where they count from 0.",
         "NVIDIA_VISIBLE_DEVICES, CUDA_VISIBLE_DEVICES and the number of GPUs in the container.",
         "Inside the container: unset CUDA_VISIBLE_DEVICES; or name the GPUs by UUID in both "
         "variables (nvidia-smi -L).",
         over_ranks(judge_double_visible)},
        {"gpu-other-vendors", visibility_family, Severity::information, Privilege::user,
         Level::quick, "A HIP or oneAPI program sees other devices than it should.",
         "A gres.conf without AutoDetect sets the variables of all vendors.",
         "ROCR_VISIBLE_DEVICES, HIP_VISIBLE_DEVICES, ZE_AFFINITY_MASK and GPU_DEVICE_ORDINAL on a "
         "node with NVIDIA GPUs.",
         "Administrator: Flags=nvidia_gpu_env in gres.conf.", over_ranks(judge_other_vendors)},
        {"gpu-mixed-models", visibility_family, Severity::warning, Privilege::user, Level::quick,
         "Some ranks are slower than others or run out of memory alone.",
         "The step was granted GPUs of several models or memory sizes.",
         "Name and memory of all granted GPUs.", "Ask for one type: --gres=gpu:TYPE:N.",
         over_gpus(judge_mixed)},
    };
}

}  // namespace warpstep::check
