// SPDX-License-Identifier: Apache-2.0
// Which GPUs the tasks see.
#include "runtime/check/rules/visibility.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/text.hpp"
#include "runtime/check/rules.hpp"

namespace warpstep::check {

std::vector<Seeing> seeing(const Facts& facts) {
    std::vector<Seeing> all;
    for (const RankFacts& rank : facts.ranks) all.push_back({&rank, view_of(facts, rank)});
    return all;
}

std::vector<std::string> node_names(const Facts& facts) {
    std::vector<std::string> names;
    for (const RankFacts& rank : facts.ranks) {
        if (std::find(names.begin(), names.end(), rank.node) == names.end())
            names.push_back(rank.node);
    }
    return names;
}

bool nothing_to_see(const Facts& facts, Judge& judge) {
    if (!facts.intent.watched_step.empty()) {
        judge.skip("the ranks here only watch step " + facts.intent.watched_step);
        return true;
    }
    const auto has_gpus = [](const NodeFacts& node) { return !node.gpus.empty(); };
    if (std::any_of(facts.nodes.begin(), facts.nodes.end(), has_gpus)) return false;
    for (const NodeFacts& node : facts.nodes) {
        if (node.gpu_problem.empty()) continue;
        judge.unknown(subject_of(node), node.gpu_problem);
        return true;
    }
    judge.skip("no NVIDIA GPU on any node");
    return true;
}

bool no_hardware(const Facts& facts, Judge& judge) {
    const auto is_real = [](const NodeFacts& node) {
        return !node.described && !(node.gpus.empty() && node.gpu_problem.empty());
    };
    if (std::any_of(facts.nodes.begin(), facts.nodes.end(), is_real)) return false;
    judge.skip("no NVIDIA GPU on any node that is not only described");
    return true;
}

Subject subject_of_gpu(const Facts& facts, const std::string& node_name,
                       const std::string& gpu_name) {
    const NodeFacts* node = facts.node(node_name);
    for (const GpuFacts& gpu : node == nullptr ? std::vector<GpuFacts>{} : node->gpus) {
        if (name_of(gpu) == gpu_name) return subject_of(*node, gpu);
    }
    return {node_name, -1, gpu_name, "", ""};
}

std::string shown_variable(const std::map<std::string, std::string>& env, const char* name) {
    const auto value = variable(env, name);
    return value ? fmt::format("{}={}", name, *value) : fmt::format("{} is not set", name);
}

std::string ordinals(const GpuView& view, const std::vector<std::string>& gpus) {
    std::vector<std::string> numbers;
    for (const std::string& gpu : gpus) {
        const auto found = std::find(view.reachable.begin(), view.reachable.end(), gpu);
        if (found == view.reachable.end() || is_mig(gpu)) return "";
        numbers.push_back(std::to_string(found - view.reachable.begin()));
    }
    return join(numbers, ",");
}

std::vector<std::string> without(const std::vector<std::string>& a,
                                 const std::vector<std::string>& b) {
    std::vector<std::string> rest;
    for (const std::string& name : a) {
        if (std::find(b.begin(), b.end(), name) == b.end()) rest.push_back(name);
    }
    return rest;
}

namespace families {

std::vector<Rule> visibility() {
    std::vector<Rule> all;
    for (auto table : {rules_of_seen_gpus, rules_of_gpu_numbers, rules_of_gpu_bindings,
                       rules_of_gpu_environment, rules_of_gpu_parts, rules_of_busy_gpus}) {
        for (const Rule& rule : table()) all.push_back(rule);
    }
    return all;
}

}  // namespace families
}  // namespace warpstep::check
