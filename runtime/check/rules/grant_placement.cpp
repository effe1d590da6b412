// SPDX-License-Identifier: Apache-2.0
// Which nodes and cores came with the GPUs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/rules/grant.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/process/cpu_list.hpp"

namespace warpstep::check::families {
namespace {

bool share_a_cpu(const process::CpuList& one, const process::CpuList& other) {
    return std::any_of(one.begin(), one.end(), [&](int cpu) {
        return std::binary_search(other.begin(), other.end(), cpu);
    });
}

/// Indices of granted GPUs that have none of the granted CPUs near, though the node has such.
std::vector<int> far_gpus(const NodeFacts& node, const process::CpuList& granted, bool& known) {
    std::vector<int> far;
    const auto all = process::parse_cpus(node.cpus).value_or(process::CpuList{});
    for (const GpuFacts& gpu : node.gpus) {
        const auto near = process::parse_cpus(gpu.near_cpus);
        if (!gpu.granted || !near || near->empty()) continue;
        known = true;
        if (share_a_cpu(*near, all) && !share_a_cpu(*near, granted)) far.push_back(gpu.index);
    }
    return far;
}

void judge_far_grant(const Facts& facts, Judge& judge) {
    if (!facts.in_slurm()) return judge.skip("not in a Slurm job");
    std::size_t judged = 0;
    for (const NodeFacts& node : facts.nodes) {
        if (std::none_of(node.gpus.begin(), node.gpus.end(),
                         [](const GpuFacts& g) { return g.granted; }))
            continue;
        const auto granted = process::parse_cpus(node.allowed_cpus);
        bool known = false;
        const auto far = far_gpus(node, granted.value_or(process::CpuList{}), known);
        if (!granted || granted->empty() || !known) {
            judge.unknown({node.name, -1, "", "", ""}, "the CPUs near the GPUs are not known");
            continue;
        }
        ++judged;
        if (far.empty()) continue;
        judge.fire(subject_of(node),
                   fmt::format("none of the granted CPUs {} is near GPU {}", node.allowed_cpus,
                               process::show(far)),
                   {},
                   fmt::format("--gres-flags=enforce-binding, or the whole node with "
                               "--exclusive; administrator: AutoDetect=nvml in gres.conf, or "
                               "Cores= in logical numbers for {}",
                               node.name));
    }
    if (!judge.is_silent()) return;
    if (judged == 0) return judge.skip("no GPUs were granted");
    judge.pass({}, "each granted GPU has granted CPUs near it");
}

/// GPUs of the smallest node, 0 when one does not tell.
int smallest_node(const std::vector<NodeGrant>& grants) {
    int smallest = -1;
    for (const NodeGrant& grant : grants) {
        if (grant.facts() == nullptr) return 0;
        const int here = std::max(static_cast<int>(grant.facts()->gpus.size()),
                                  grant.facts()->configured_gpus.value_or(0));
        smallest = smallest < 0 ? here : std::min(smallest, here);
    }
    return std::max(smallest, 0);
}

void judge_spread(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_step(tasks, judge)) return;
    const auto grants = grants_of(tasks);
    const int nodes = static_cast<int>(grants.size()), capacity = smallest_node(grants);
    int gpus = 0, count = 0;
    for (const NodeGrant& grant : grants) {
        gpus += grant.gpus.value_or(0);
        count += grant.count;
    }
    if (gpus == 0 || capacity == 0) return judge.skip("no GPUs were granted by Slurm");
    const int needed = (gpus + capacity - 1) / capacity;
    const Figure figure{std::to_string(nodes), std::to_string(needed), "nodes"};
    const std::string seen =
        fmt::format("{} GPUs on {} of {}", gpus, counted(nodes, "node"), capacity);
    if (nodes <= needed) return judge.pass({}, seen, figure);
    judge.fire({}, seen + " GPUs each, so traffic leaves the node that need not", figure,
               fmt::format("-N{} --gpus-per-node={} --ntasks-per-node={}", needed,
                           (gpus + needed - 1) / needed, (count + needed - 1) / needed));
}

/// The memory of a node; that of the first node with about as much, since firmware keeps a little
/// more of it on one board than on the next.
std::string show_memory(const Facts& facts, const NodeFacts& node) {
    const auto bytes = static_cast<double>(node.memory_bytes);
    const auto first = std::find_if(facts.nodes.begin(), facts.nodes.end(), [&](const auto& other) {
        return std::abs(static_cast<double>(other.memory_bytes) - bytes) <= 0.05 * bytes;
    });
    return fmt::format("{:.0f} GiB", static_cast<double>(first->memory_bytes) / (1 << 30));
}

/// What must be the same on all nodes, as people would say it. The models of GPUs have a rule of
/// their own.
std::map<std::string, std::string> nature_of(const Facts& facts, const NodeFacts& node) {
    const auto gpus = std::count_if(node.gpus.begin(), node.gpus.end(),
                                    [](const GpuFacts& g) { return g.on_bus; });
    std::map<std::string, std::string> nature;
    nature["GPUs"] = std::to_string(gpus);
    nature["cores"] = std::to_string(node.cores.size());
    nature["NUMA nodes"] = std::to_string(node.numa.size());
    nature["memory"] = show_memory(facts, node);
    return nature;
}

/// The value that most nodes have; of several such the one that comes first.
std::string most_common(const std::vector<std::map<std::string, std::string>>& natures,
                        const std::string& what) {
    std::map<std::string, int> votes;
    for (const auto& nature : natures) ++votes[nature.at(what)];
    const auto best = std::max_element(
        natures.begin(), natures.end(),
        [&](const auto& a, const auto& b) { return votes[a.at(what)] < votes[b.at(what)]; });
    return best->at(what);
}

void judge_differ(const Facts& facts, Judge& judge) {
    if (facts.nodes.size() < 2) return judge.skip("the step has one node");
    std::vector<std::map<std::string, std::string>> natures;
    for (const NodeFacts& node : facts.nodes) natures.push_back(nature_of(facts, node));
    std::map<std::string, std::string> usual;
    for (const auto& [what, value] : natures.front()) usual[what] = most_common(natures, what);
    for (std::size_t n = 0; n < natures.size(); ++n) {
        std::vector<std::string> differences;
        for (const auto& [what, value] : natures[n]) {
            if (value == usual[what]) continue;
            differences.push_back(fmt::format("{}: {}, others have {}", what, value, usual[what]));
        }
        if (differences.empty()) continue;
        judge.fire(subject_of(facts.nodes[n]), join(differences, "; "), {},
                   fmt::format("--exclude={}, or --constraint=FEATURE that only the others "
                               "have (sinfo -o '%N %f %G %m')",
                               facts.nodes[n].name));
    }
    judge.pass_if_silent("the nodes have the same GPUs, cores and memory");
}

}  // namespace

std::vector<Rule> grant_placement() {
    return {
        {"slurm-gres-far", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "Copies between host and GPU reach half their rate.",
         "Slurm granted cores on another socket than the GPU's, though the GPU's socket has cores: "
         "Cores= of gres.conf is missing or wrong, or the near cores belong to another job.",
         "The CPUs that the step may use on the node against those near each granted GPU.",
         "--gres-flags=enforce-binding; administrator: AutoDetect=nvml in gres.conf.",
         over_nodes(judge_far_grant)},
        {"slurm-node-spread", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "Collectives are far slower than the links between the GPUs of one node.",
         "The step is spread over more nodes than its GPUs need, so that traffic goes over the "
         "network instead of NVLink.",
         "The nodes of the step against its granted GPUs divided by the GPUs of a node.",
         "Ask for whole nodes: -N1 --gpus-per-node=8", once(judge_spread)},
        {"slurm-nodes-differ", grant_heading, Severity::warning, Privilege::user, Level::quick,
         "One node is always the last, or programs fail on some nodes only.",
         "The step has nodes of different kinds.",
         "GPUs, cores, NUMA nodes and memory of each node against those that most have.",
         "Choose one kind of node with --constraint=FEATURE.", over_nodes(judge_differ)},
    };
}

}  // namespace warpstep::check::families
