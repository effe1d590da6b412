// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/walks.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string_view>

namespace warpstep::check {
namespace {

constexpr char is_described[] = "described by a file, which does not tell the state of hardware";

}  // namespace

Walk once(JudgeStep judge) {
    return {Kind::step, false, judge};
}

Walk over_nodes(JudgeStep judge) {
    return {Kind::node, false, judge};
}

Walk over_ranks(JudgeStep judge) {
    return {Kind::rank, false, judge};
}

Walk over_gpus(JudgeStep judge) {
    return {Kind::gpu, false, judge};
}

Walk over_gpu_states(JudgeStep judge) {
    return {Kind::gpu, true, judge};
}

Walk each_node(void (*judge)(const Facts&, const NodeFacts&, Judge&)) {
    return {Kind::node, false, [judge](const Facts& facts, Judge& writer) {
                for (const NodeFacts& node : facts.nodes) judge(facts, node, writer);
            }};
}

Walk each_real_node(void (*judge)(const Facts&, const NodeFacts&, Judge&)) {
    return {Kind::node, false, [judge](const Facts& facts, Judge& writer) {
                for (const NodeFacts& node : facts.nodes) {
                    if (node.described)
                        writer.skip(is_described);
                    else
                        judge(facts, node, writer);
                }
            }};
}

Walk each_rank(void (*judge)(const Facts&, const RankFacts&, Judge&)) {
    return {Kind::rank, false, [judge](const Facts& facts, Judge& writer) {
                for (const RankFacts& rank : facts.ranks) judge(facts, rank, writer);
            }};
}

Walk each_gpu(void (*judge)(const JudgedGpu&, Judge&)) {
    return {Kind::gpu, true, [judge](const Facts& facts, Judge& writer) {
                for (const JudgedGpu& gpu : judged_gpus(facts, writer)) judge(gpu, writer);
            }};
}

Walk each_placed_rank(void (*judge)(const Facts&, const NodeFacts&, const RankFacts&, Judge&)) {
    return {Kind::rank, false, [judge](const Facts& facts, Judge& writer) {
                for (const auto& [node, rank] : placed_ranks(facts))
                    judge(facts, *node, *rank, writer);
            }};
}

Walk each_first_rank(void (*judge)(const Facts&, const RankFacts&, Judge&)) {
    return {Kind::node, false, [judge](const Facts& facts, Judge& writer) {
                for (const RankFacts* rank : first_ranks(facts)) judge(facts, *rank, writer);
            }};
}

void fire_with(Judge& judge, Subject subject, const std::string& what, const std::string& own,
               std::string fix) {
    judge.fire(std::move(subject), what, fmt::format("{} ({})", what, own), {}, std::move(fix));
}

std::vector<const NodeFacts*> judged_nodes(const Facts& facts, Judge& judge) {
    std::vector<const NodeFacts*> nodes;
    for (const NodeFacts& node : facts.nodes) {
        if (node.described)
            judge.skip(is_described);
        else if (!node.collector_problem.empty())
            judge.unknown(subject_of(node),
                          fmt::format("NVML told nothing ({})", node.collector_problem));
        else if (!node.has_nvidia)
            judge.skip("no NVIDIA GPU here");
        else if (!node.gpu_problem.empty())
            judge.unknown(subject_of(node),
                          fmt::format("NVML told nothing ({})", node.gpu_problem));
        else
            nodes.push_back(&node);
    }
    return nodes;
}

std::vector<JudgedGpu> judged_gpus(const Facts& facts, Judge& judge) {
    std::vector<JudgedGpu> judged;
    for (const NodeFacts* node : judged_nodes(facts, judge)) {
        const std::size_t before = judged.size();
        for (const GpuFacts& gpu : node->gpus) {
            if (gpu.granted && gpu.in_nvml && gpu.problem.empty())
                judged.push_back({&facts, node, &gpu});
        }
        if (judged.size() == before) judge.skip("the step has no GPU here that NVML answers for");
    }
    return judged;
}

std::vector<Placed> placed_ranks(const Facts& facts) {
    std::map<std::string_view, const NodeFacts*> nodes;
    for (const NodeFacts& node : facts.nodes) nodes.emplace(node.name, &node);
    std::vector<Placed> placed;
    for (const RankFacts& rank : facts.ranks) {
        const auto node = nodes.find(rank.node);
        if (node != nodes.end()) placed.push_back({node->second, &rank});
    }
    return placed;
}

std::vector<const RankFacts*> first_ranks(const Facts& facts) {
    std::set<const NodeFacts*> seen;
    std::vector<const RankFacts*> first;
    for (const auto& [node, rank] : placed_ranks(facts)) {
        if (seen.insert(node).second) first.push_back(rank);
    }
    return first;
}

Subject node_of(const RankFacts& rank) {
    return {rank.node, -1, "", "", ""};
}

}  // namespace warpstep::check
