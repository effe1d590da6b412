// SPDX-License-Identifier: Apache-2.0
// Which rank is on which node, and what programs assume about it.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "runtime/check/rules/launch.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/tasks.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::families {
namespace {

/// The answer of a server that lists the ranks; nullptr without one.
const PmixAnswer* layout(const Facts& facts) {
    for (const RankFacts& rank : facts.ranks) {
        if (rank.pmix.answered && !rank.pmix.node_of_rank.empty()) return &rank.pmix;
    }
    return nullptr;
}

std::string name_of_node(const PmixAnswer& pmix, int index) {
    const auto at = static_cast<std::size_t>(index);
    return at < pmix.node_names.size() ? pmix.node_names[at] : fmt::format("node {}", index);
}

/// Node indices in the order in which their first ranks come.
std::vector<int> order_of_nodes(const PmixAnswer& pmix) {
    std::vector<int> order;
    for (const int node : pmix.node_of_rank) {
        if (std::find(order.begin(), order.end(), node) == order.end()) order.push_back(node);
    }
    return order;
}

void judge_layout(const Facts& facts, Judge& judge) {
    if (skips_outside_step(tasks_of(facts), judge)) return;
    const PmixAnswer* pmix = layout(facts);
    if (pmix == nullptr) return judge.skip("no PMIx server lists the ranks of the nodes");
    std::size_t blocks = 1;
    for (std::size_t rank = 1; rank < pmix->node_of_rank.size(); ++rank)
        blocks += pmix->node_of_rank[rank] != pmix->node_of_rank[rank - 1] ? 1 : 0;
    if (blocks == order_of_nodes(*pmix).size())
        return judge.pass({}, "the ranks of each node follow each other");
    std::vector<int> first;
    for (std::size_t rank = 0; rank < pmix->node_of_rank.size(); ++rank) {
        if (pmix->node_of_rank[rank] == pmix->node_of_rank[0])
            first.push_back(static_cast<int>(rank));
    }
    judge.fire({}, fmt::format("the ranks of a node do not follow each other: {} has {}",
                               name_of_node(*pmix, pmix->node_of_rank[0]), show_ranks(first)));
}

/// "n1" of "n[1-4,7],m3", "a1b01" of "a[1-2]b[01-03]": what most scripts take for the first node.
std::string first_name(std::string_view list) {
    std::string name;
    for (std::size_t i = 0; i < list.size() && list[i] != ','; ++i) {
        if (list[i] != '[') {
            name += list[i];
            continue;
        }
        const auto end = list.find(']', i);
        const std::string_view numbers = list.substr(i + 1, end == list.npos ? end : end - i - 1);
        name += numbers.substr(0, numbers.find_first_of("-,"));
        if (end == list.npos) break;
        i = end;
    }
    return name;
}

/// The list whose first name is not rank 0's node, with that name; "" when there is none.
std::string misleading_list(const Task& task, const std::string& node) {
    for (const char* name : {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"}) {
        const auto list = task.variable(name);
        if (!list || list->empty() || first_name(*list) == node) continue;
        return fmt::format("{} ({}) begins with {}", name, *list, first_name(*list));
    }
    return "";
}

void judge_node_order(const Facts& facts, Judge& judge) {
    const auto tasks = tasks_of(facts);
    if (skips_outside_step(tasks, judge)) return;
    const PmixAnswer* pmix = layout(facts);
    if (pmix == nullptr) return judge.skip("no PMIx server lists the ranks of the nodes");
    const auto order = order_of_nodes(*pmix);
    const std::string node = name_of_node(*pmix, order.front());
    std::string evidence;
    if (const std::string list = misleading_list(tasks.front(), node); !list.empty())
        evidence = fmt::format("rank 0 is on {}, but {}", node, list);
    else if (!std::is_sorted(order.begin(), order.end()))
        evidence = "the nodes, by their first ranks, are not in the order of the step's list";
    if (evidence.empty()) return judge.pass({}, "rank 0 is on the first node of the lists");
    judge.fire({}, evidence, {},
               fmt::format("export MASTER_ADDR={} (warpstep exec exports rank 0's own address), "
                           "and take ranks, not positions in a list",
                           node));
}

}  // namespace

std::vector<Rule> launch_order() {
    return {
        {"launch-layout", launch_heading, Severity::information, Privilege::user, Level::quick,
         "Wrong results of rank arithmetic, or \"invalid device ordinal\".",
         "The ranks of a node do not follow each other (cyclic, plane or arbitrary distribution), "
         "so rank modulo tasks per node is not the local rank.",
         "The node of each rank, as PMIx lists them.",
         "srun -m block, or use the local rank that PMIx or SLURM_LOCALID tells.",
         once(judge_layout)},
        {"launch-node-order", launch_heading, Severity::information, Privilege::user, Level::quick,
         "Ranks wait for a MASTER_ADDR at which nobody listens.",
         "Slurm sorts its node lists, and those of the job stay the job's when a step runs on some "
         "of its nodes; their first name need not be the node of rank 0.",
         "The node of rank 0 and the order of the nodes by their ranks, as PMIx lists them, "
         "against "
         "SLURM_STEP_NODELIST and SLURM_JOB_NODELIST.",
         "Take the address of rank 0, not the first name of a node list.", once(judge_node_order)},
    };
}

}  // namespace warpstep::check::families
