// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/show_subjects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/process/cpu_list.hpp"

namespace warpstep::check {
namespace {

constexpr std::size_t most_names = 6;  // of nodes, of UUIDs, of runs of numbers

std::string first_of(std::vector<std::string> names, const char* separator = ", ") {
    const std::size_t left = names.size() > most_names ? names.size() - most_names : 0;
    names.resize(names.size() - left);
    return join(names, separator) + (left == 0 ? "" : fmt::format(" and {} more", left));
}

std::string numbers(const std::set<int>& all) {
    return first_of(split(process::show({all.begin(), all.end()}), ','), ",");
}

/// NVML's index of the GPU; -1 where it is not known.
int index_of(const Subject& gpu, const Facts* facts) {
    const NodeFacts* node = facts == nullptr ? nullptr : facts->node(gpu.node);
    if (node == nullptr) return -1;
    for (const GpuFacts& one : node->gpus) {
        if (gpu.gpu_uuid.empty() ? one.pci == gpu.pci : one.uuid == gpu.gpu_uuid) return one.index;
    }
    return -1;
}

std::string show_one(const Subject& subject, const Facts* facts) {
    const int index = subject.kind() == Kind::gpu ? index_of(subject, facts) : -1;
    if (index < 0 || subject.gpu_uuid.empty()) return show(subject);
    return fmt::format("GPU {} ({}) on {}", index, subject.gpu_uuid, subject.node);
}

std::string show_nodes(const std::vector<Subject>& subjects) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const Subject& subject : subjects) {
        if (!subject.node.empty() && seen.insert(subject.node).second)
            names.push_back(subject.node);
    }
    return first_of(std::move(names));
}

std::string on_nodes(const std::vector<Subject>& subjects) {
    const std::string nodes = show_nodes(subjects);
    return nodes.empty() ? "" : " on " + nodes;
}

std::string show_ranks(const std::vector<Subject>& subjects) {
    std::set<int> ranks;
    for (const Subject& subject : subjects) ranks.insert(subject.rank);
    return fmt::format("{} {}{}", ranks.size() == 1 ? "rank" : "ranks", numbers(ranks),
                       on_nodes(subjects));
}

/// "GPUs 0-7 on n1, n2; GPU 3 on n5": nodes of which the same ones are meant stand together.
std::string show_gpus(const std::vector<Subject>& subjects, const Facts* facts) {
    std::map<std::string, std::set<int>> of_node;
    std::vector<std::string> uuids, order;
    bool known = true;
    for (const Subject& gpu : subjects) {
        const int index = index_of(gpu, facts);
        known = known && index >= 0;
        if (!of_node.contains(gpu.node)) order.push_back(gpu.node);
        of_node[gpu.node].insert(index);
        uuids.push_back(gpu.gpu_uuid.empty() ? gpu.pci : gpu.gpu_uuid);
    }
    if (!known && uuids.size() > most_names)
        return fmt::format("{} GPUs{}", uuids.size(), on_nodes(subjects));
    if (!known) {
        const char* noun = uuids.front().starts_with("GPU-") ? "" : "GPUs ";
        return noun + first_of(std::move(uuids)) + on_nodes(subjects);
    }
    std::vector<std::pair<std::set<int>, std::vector<std::string>>> parties;
    for (const std::string& node : order) {
        const auto same = std::find_if(parties.begin(), parties.end(),
                                       [&](const auto& p) { return p.first == of_node[node]; });
        if (same == parties.end())
            parties.push_back({of_node[node], {node}});
        else
            same->second.push_back(node);
    }
    std::vector<std::string> texts;
    for (const auto& [indices, nodes] : parties)
        texts.push_back(fmt::format("{} {} on {}", indices.size() == 1 ? "GPU" : "GPUs",
                                    numbers(indices), first_of(nodes)));
    return first_of(std::move(texts), "; ");
}

}  // namespace

std::string show_subjects(const std::vector<Subject>& all, const Facts* facts) {
    std::vector<Subject> subjects;
    for (const Subject& subject : all) {
        if (subjects.empty() || subjects.back() != subject) subjects.push_back(subject);
    }
    if (subjects.size() == 1) return show_one(subjects.front(), facts);
    switch (subjects.front().kind()) {
        case Kind::gpu:
            return show_gpus(subjects, facts);
        case Kind::rank:
            return show_ranks(subjects);
        case Kind::node:
            return show_nodes(subjects);
        case Kind::step:
            break;
    }
    return "the step";
}

std::string counted_subjects(const Finding& finding) {
    if (finding.count == 1) return show(finding.subject);
    const std::string& node = finding.subject.node;
    return show_count(static_cast<std::size_t>(finding.count), finding.kind) +
           (node.empty() ? "" : " on " + node);
}

}  // namespace warpstep::check
