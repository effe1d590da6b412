// SPDX-License-Identifier: Apache-2.0
// Who the nodes are to each other: names, identities, proxies and clocks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/network_address.hpp"
#include "runtime/check/rules/network_parts.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

/// More than this and files, traces and logs of two nodes cannot be put in order.
constexpr double tolerated_skew_s = 1;

void judge_loopback(const Facts& facts, const RankFacts& rank, Judge& judge) {
    if (facts.nodes.size() < 2) return judge.skip("one node");
    const auto& own = rank.own_addresses;
    if (own.empty()) return judge.unknown(subject_of(rank), "the own host name does not resolve");
    const bool loopback = std::all_of(own.begin(), own.end(), [](const std::string& text) {
        const auto address = parse_address(text);
        return address && address->is_loopback();
    });
    const std::string told =
        fmt::format("the name {} is {} on its own node", rank.host_name, join(own, " "));
    if (loopback)
        judge.fire(subject_of(rank), "the node's own name is a loopback address", told,
                   {own.front(), "an address that other nodes reach", ""});
    else
        judge.pass(subject_of(rank), told);
}

/// "n1", "n1 and 6 other nodes": of so many, the first one.
std::string and_others(const std::string& first, std::size_t all) {
    if (all == 1) return first;
    return fmt::format("{} and {}", first,
                       counted(static_cast<std::int64_t>(all) - 1, "other node"));
}

/// What NCCL tells nodes apart by. Source: getHostHash() of NCCL.
std::string identity_of(const RankFacts& rank) {
    const auto own = variable(rank.env, "NCCL_HOSTID");
    if (own && !own->empty()) return "NCCL_HOSTID=" + *own;
    if (rank.host_name.empty() || rank.boot_id.empty()) return "";
    return rank.host_name + " " + rank.boot_id;
}

std::string listed(const std::set<std::string>& values) {
    return join(std::vector<std::string>(values.begin(), values.end()), ", ");
}

void judge_identity(const Facts& facts, Judge& judge) {
    std::map<std::string, std::set<std::string>> nodes_of, identities_of;
    for (const RankFacts& rank : facts.ranks) {
        const std::string identity = identity_of(rank);
        if (identity.empty()) {
            judge.unknown(subject_of(rank), "host name or boot id could not be read");
            continue;
        }
        nodes_of[identity].insert(rank.node);
        identities_of[rank.node].insert(identity);
    }
    for (const auto& [node, identities] : identities_of) {
        const Subject subject{node, -1, "", "", ""};
        for (const std::string& identity : identities) {
            const std::set<std::string>& alike = nodes_of[identity];
            if (alike.size() == 1) continue;
            const auto first = alike.begin();
            judge.fire(
                subject, fmt::format("NCCL takes all with '{}' for one node", identity),
                fmt::format(
                    "the same to NCCL ('{}') as {}, which takes them for one node", identity,
                    and_others(*first == node ? *std::next(first) : *first, alike.size() - 1)),
                {});
        }
        if (identities.size() > 1)
            judge.warn(subject, "NCCL takes its tasks for several nodes",
                       fmt::format("NCCL takes its tasks for {} nodes: {}", identities.size(),
                                   listed(identities)),
                       {});
        else if (nodes_of[*identities.begin()].size() == 1)
            judge.pass(subject, "one name and boot id, its own");
    }
}

bool spares(const std::string& entry, const std::string& node,
            const std::vector<std::string>& addresses) {
    std::string_view name = trim(entry);
    if (name == "*") return true;
    const auto network = parse_address(name);
    if (network) {
        return std::any_of(addresses.begin(), addresses.end(), [&](const std::string& text) {
            const auto address = parse_address(text);
            return address && network->spans(*address);
        });
    }
    while (name.starts_with('*') || name.starts_with('.')) name.remove_prefix(1);
    if (name.empty() || !node.ends_with(name)) return false;
    return node.size() == name.size() || node[node.size() - name.size() - 1] == '.';
}

/// The first variable that sends connections to a proxy, "" without one. Its value may hold a
/// password.
std::string proxy_of(const RankFacts& rank) {
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "grpc_proxy", "HTTP_PROXY",
                             "HTTPS_PROXY", "ALL_PROXY"}) {
        const auto value = variable(rank.env, name);
        if (value && !value->empty()) return name;
    }
    return "";
}

/// What the rank's variables except from the proxy.
std::string exceptions_of(const RankFacts& rank) {
    std::vector<std::string> lists;
    for (const char* name : {"no_proxy", "NO_PROXY", "no_grpc_proxy"})
        lists.push_back(variable(rank.env, name).value_or(""));
    return join(lists, ",");
}

/// Addresses by node.
using NodeAddresses = std::map<std::string, std::vector<std::string>>;

/// Nodes that the list names neither by name nor by address, ascending.
std::vector<std::string> proxied(const std::string& list, const NodeAddresses& nodes) {
    const std::vector<std::string> entries = split(list, ',');
    std::vector<std::string> found;
    for (const auto& node : nodes) {
        const bool spared = std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
            return spares(entry, node.first, node.second);
        });
        if (!spared) found.push_back(node.first);
    }
    return found;
}

void judge_proxy(const Facts& facts, Judge& judge) {
    if (facts.nodes.size() < 2) return judge.skip("one node");
    NodeAddresses nodes;
    for (const RankFacts& rank : facts.ranks) nodes.try_emplace(rank.node, rank.own_addresses);
    // Without the names of the nodes, so that it is the same text for every rank.
    const std::string fix = facts.in_slurm() ? "export NO_PROXY=$(scontrol show hostnames | paste "
                                               "-sd,); export no_proxy=$NO_PROXY"
                                             : "";
    std::map<std::string, std::vector<std::string>> known;  // by list, which most ranks share
    for (const RankFacts& rank : facts.ranks) {
        const std::string proxy = proxy_of(rank);
        if (proxy.empty()) {
            judge.pass(subject_of(rank), "no proxy is set");
            continue;
        }
        const std::string list = exceptions_of(rank);
        const auto [entry, is_new] = known.try_emplace(list);
        if (is_new) entry->second = proxied(list, nodes);
        const std::vector<std::string>& behind = entry->second;
        const bool with_own = std::binary_search(behind.begin(), behind.end(), rank.node);
        const std::size_t others = behind.size() - (with_own ? 1 : 0);
        if (others == 0) {
            judge.pass(subject_of(rank), proxy + " is set, and NO_PROXY names all nodes");
            continue;
        }
        const std::string& first = behind.front() == rank.node ? behind[1] : behind.front();
        judge.fire(subject_of(rank), proxy + " is set, and NO_PROXY does not name all nodes",
                   fmt::format("{} is set, and NO_PROXY does not name {}", proxy,
                               and_others(first, others)),
                   {}, fix);
    }
}

void judge_clock(const Facts& facts, const RankFacts& rank, Judge& judge) {
    if (facts.nodes.size() < 2) return judge.skip("one node");
    if (!rank.clock_offset_s) return judge.unknown(node_of(rank), "clocks were not compared");
    const double skew = std::abs(*rank.clock_offset_s);
    const Figure figure{fmt::format("{:.3f}", skew), fmt::format("{:.3f}", tolerated_skew_s), "s"};
    if (skew > tolerated_skew_s)
        judge.fire(node_of(rank), fmt::format("its clock is {:.1f} s off rank 0's", skew), figure);
    else
        judge.pass(node_of(rank), "its clock agrees with rank 0's", figure);
}

}  // namespace

std::vector<Rule> families::network_names() {
    return {
        {"net-loopback-name", network_family, Severity::warning, Privilege::user, Level::quick,
         "Ranks of other nodes are told to connect to 127.0.1.1.",
         "The own name of a node resolves to a loopback address (Debian writes 127.0.1.1 into "
         "/etc/hosts), and a program publishes what its name resolves to.",
         "What the own host name of every rank resolves to, with several nodes.",
         "remove the line of the node's own name with 127.0.1.1 from /etc/hosts; until then use "
         "addresses: warpstep exec -- CMD exports rank 0's as MASTER_ADDR",
         each_rank(judge_loopback)},
        {"net-host-identity", network_family, Severity::error, Privilege::user, Level::quick,
         "NCCL uses shared memory between nodes and fails, or sockets within a node and is slow.",
         "NCCL tells nodes apart by host name and boot id. Containers that are all called alike "
         "on machines started from one image look like one node; containers with names of their "
         "own on one node look like several (a warning).",
         "Host name and boot id, or NCCL_HOSTID, of all ranks against the nodes they are on.",
         "srun bash -c 'NCCL_HOSTID=$SLURMD_NODENAME exec CMD'", over_nodes(judge_identity)},
        {"net-proxy", network_family, Severity::warning, Privilege::user, Level::quick,
         "JAX, gRPC or a rendezvous over HTTP cannot connect to the other nodes.",
         "A proxy variable of the login shell sends connections between the nodes to a proxy, "
         "which does not know them.",
         "http_proxy, https_proxy, all_proxy and grpc_proxy of every rank, and whether NO_PROXY "
         "names the other nodes.",
         "unset http_proxy https_proxy all_proxy grpc_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY",
         over_ranks(judge_proxy)},
        {"clock-skew", network_family, Severity::warning, Privilege::user, Level::quick,
         "Logs and traces of different nodes contradict each other; checkpoints look outdated.",
         "The clocks of the nodes are more than a second apart.",
         "The clock of every node against rank 0's, corrected by the time of travel.",
         "as root: systemctl enable --now chrony && chronyc makestep",
         each_first_rank(judge_clock)},
    };
}

}  // namespace warpstep::check
