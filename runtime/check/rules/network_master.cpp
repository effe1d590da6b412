// SPDX-License-Identifier: Apache-2.0
// Where the ranks meet: MASTER_ADDR and MASTER_PORT.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/text.hpp"
#include "runtime/check/network_address.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/network_parts.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

constexpr char ours[] =
    "unset MASTER_ADDR MASTER_PORT; warpstep exec -- CMD exports rank 0's address and a free port";

void judge_used(const Facts& facts, Judge& judge) {
    const RankFacts* leader = facts.rank(0);
    if (leader == nullptr) return judge.unknown({}, "rank 0 did not answer");
    const auto port = variable(leader->env, "MASTER_PORT");
    if (!port) return judge.skip("MASTER_PORT is not set");
    if (!leader->master_port_free)
        return judge.unknown(subject_of(*leader), fmt::format("port {} was not tried", *port));
    if (*leader->master_port_free)
        return judge.pass(subject_of(*leader), fmt::format("port {} is free", *port));
    judge.fire(subject_of(*leader), fmt::format("MASTER_PORT={} is in use", *port));
}

/// A port that depends on the job and is outside the range, for the shell.
std::string port_outside(int high) {
    const int first = high < 65000 ? std::max(high + 1, 61000) : 20000;
    const int count = std::min(4000, (high < 65000 ? 65536 : 32000) - first);
    return fmt::format("export MASTER_PORT=$(({} + SLURM_JOB_ID % {}))", first, count);
}

void judge_ephemeral(const Facts& facts, Judge& judge) {
    const RankFacts* leader = facts.rank(0);
    if (leader == nullptr) return judge.unknown({}, "rank 0 did not answer");
    const auto port = number(leader->env, "MASTER_PORT");
    if (!port) return judge.skip("MASTER_PORT is not set");
    if (!leader->ephemeral_low || !leader->ephemeral_high)
        return judge.unknown(subject_of(*leader), "ip_local_port_range could not be read");
    const int low = *leader->ephemeral_low, high = *leader->ephemeral_high;
    const bool inside = *port >= low && *port <= high;
    const std::string told = fmt::format(
        "MASTER_PORT={} is {} the range {}-{} from which the "
        "kernel gives ports to outgoing connections",
        *port, inside ? "in" : "outside", low, high);
    if (inside)
        judge.fire(subject_of(*leader), told, {}, port_outside(high));
    else
        judge.pass(subject_of(*leader), told);
}

bool is_loopback(const std::string& text) {
    const auto address = parse_address(text);
    return address && address->is_loopback();
}

bool all_loopback(const std::vector<std::string>& addresses) {
    return !addresses.empty() && std::all_of(addresses.begin(), addresses.end(), is_loopback);
}

bool is_of(const RankFacts& leader, const std::vector<std::string>& addresses) {
    for (const Interface& interface : leader.interfaces) {
        for (const std::string& text : interface.addresses) {
            const std::string host = text.substr(0, text.find('/'));
            if (std::find(addresses.begin(), addresses.end(), host) != addresses.end()) return true;
        }
    }
    return false;
}

/// What is wrong with a rank's MASTER_ADDR, in general and on that rank; "" when nothing is.
struct Unreachable {
    std::string common, evidence;
};

Unreachable problem_of(const std::string& value, const RankFacts& rank, const RankFacts* leader) {
    if (!rank.master_address_problem.empty()) {
        const bool piece = value.find_first_of("[],") != value.npos;
        return {"MASTER_ADDR cannot be resolved",
                fmt::format("MASTER_ADDR={} cannot be resolved ({}){}", value,
                            rank.master_address_problem,
                            piece ? "; it looks like a piece of SLURM_JOB_NODELIST" : "")};
    }
    const bool beside_leader = leader != nullptr && leader->node == rank.node;
    if (all_loopback(rank.master_addresses)) {
        if (beside_leader) return {};
        return {"MASTER_ADDR is the node itself, not rank 0's",
                fmt::format("MASTER_ADDR={} is this node itself ({}), not rank 0's", value,
                            rank.master_addresses.front())};
    }
    if (leader != nullptr && !leader->interfaces.empty() && !is_of(*leader, rank.master_addresses))
        return {"MASTER_ADDR is no address of rank 0's node",
                fmt::format("MASTER_ADDR={} is {}, no address of rank 0's node {}", value,
                            rank.master_addresses.front(), leader->node)};
    return {};
}

/// An address of rank 0 that others could reach, that of its name first; "" without one.
std::string address_of(const RankFacts& leader) {
    std::vector<Interface> candidates = {{"", true, false, leader.own_addresses}};
    candidates.insert(candidates.end(), leader.interfaces.begin(), leader.interfaces.end());
    for (const Interface& interface : candidates) {
        for (NetworkAddress address : reachable_addresses(interface)) {
            address.prefix = 128;
            return show(address);
        }
    }
    return "";
}

std::string address_fix(const RankFacts* leader) {
    const std::string address = leader == nullptr ? "" : address_of(*leader);
    return address.empty() ? ours : fmt::format("{}; or export MASTER_ADDR={}", ours, address);
}

void judge_address(const Facts& facts, Judge& judge) {
    const RankFacts* leader = facts.rank(0);
    for (const RankFacts& rank : facts.ranks) {
        const auto value = variable(rank.env, "MASTER_ADDR");
        if (!value) {
            judge.skip("MASTER_ADDR is not set");
        } else if (rank.master_addresses.empty() && rank.master_address_problem.empty()) {
            judge.unknown(subject_of(rank), "MASTER_ADDR was not looked up");
        } else if (const auto wrong = problem_of(*value, rank, leader); !wrong.common.empty()) {
            judge.fire(subject_of(rank), wrong.common, wrong.evidence, {}, address_fix(leader));
        } else if (leader == nullptr || leader->interfaces.empty()) {
            judge.unknown(subject_of(rank), "the addresses of rank 0 are not known");
        } else {
            judge.pass(subject_of(rank), fmt::format("MASTER_ADDR={} is rank 0's node", *value));
        }
    }
}

/// "MASTER_ADDR=n1 MASTER_PORT=61000" of a rank; "" when neither is set.
std::string meeting_point(const RankFacts& rank) {
    std::vector<std::string> set;
    for (const char* name : {"MASTER_ADDR", "MASTER_PORT"}) {
        if (const auto value = variable(rank.env, name))
            set.push_back(fmt::format("{}={}", name, *value));
    }
    return join(set, " ");
}

void judge_differs(const Facts& facts, Judge& judge) {
    std::map<std::string, std::vector<int>> points;
    for (const RankFacts& rank : facts.ranks) points[meeting_point(rank)].push_back(rank.rank);
    if (points.empty()) return judge.unknown({}, "no rank answered");
    const std::string first = points.begin()->first;
    if (points.size() == 1 && first.empty())
        return judge.skip("neither MASTER_ADDR nor MASTER_PORT is set");
    if (points.size() == 1) return judge.pass({}, "every rank has " + first);
    std::vector<std::string> told;
    for (const auto& [point, ranks] : points) {
        if (told.size() == 3) break;
        told.push_back(
            fmt::format("{} on {}", point.empty() ? "nothing" : point, show_ranks(ranks)));
    }
    judge.fire({},
               fmt::format("{} different meeting points: {}{}", points.size(), join(told, "; "),
                           points.size() > told.size() ? "; …" : ""),
               {std::to_string(points.size()), "1", ""});
}

}  // namespace

std::vector<Rule> families::network_master() {
    return {
        {"net-master-port-used", network_family, Severity::error, Privilege::user, Level::quick,
         "EADDRINUSE: address already in use, on rank 0.",
         "MASTER_PORT is fixed or computed from the job's number, and another job or another step "
         "of this one listens there.",
         "Whether rank 0 could bind MASTER_PORT.", ours, once(judge_used)},
        {"net-master-port-ephemeral", network_family, Severity::warning, Privilege::user,
         Level::quick, "Now and then a job dies at its start with EADDRINUSE.",
         "MASTER_PORT is in the range from which the kernel takes ports for outgoing connections, "
         "so that any program may hold it for a while.",
         "MASTER_PORT of rank 0 against net.ipv4.ip_local_port_range of its node.",
         "export MASTER_PORT=$((61000 + SLURM_JOB_ID % 4000))", once(judge_ephemeral)},
        {"net-master-address", network_family, Severity::error, Privilege::user, Level::quick,
         "Ranks of other nodes wait until the rendezvous times out, or connect to themselves.",
         "MASTER_ADDR is localhost or another loopback address on several nodes, is cut out of a "
         "node list and no name, or is another node than that of rank 0.",
         "What MASTER_ADDR resolves to on every rank against the addresses of rank 0's node.", ours,
         over_ranks(judge_address)},
        {"net-master-differs", network_family, Severity::error, Privilege::user, Level::quick,
         "Each node forms a world of its own, or some ranks never join.",
         "MASTER_ADDR or MASTER_PORT is computed on each node by itself, as by a script that falls "
         "back to localhost where scontrol is missing in the container.",
         "MASTER_ADDR and MASTER_PORT of all ranks against each other.",
         "export both once, before srun; or unset MASTER_ADDR MASTER_PORT: warpstep exec -- CMD "
         "exports the same on all ranks",
         once(judge_differs)},
    };
}

}  // namespace warpstep::check
