// SPDX-License-Identifier: Apache-2.0
// Who the nodes are to each other: names, identities, proxies and clocks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/check/network_address.hpp"
#include "runtime/check/rules/network_parts.hpp"

namespace warpstep::check {
namespace {

/// More than this and files, traces and logs of two nodes cannot be put in order.
constexpr double tolerated_skew_s = 1;

void judge_loopback(const Facts& facts, Judge& judge) {
    Census census(facts, judge);
    if (facts.nodes.size() < 2) return judge.skip("one node");
    for (const RankFacts& rank : facts.ranks) {
        const auto& own = rank.own_addresses;
        const bool loopback = std::all_of(own.begin(), own.end(), [](const std::string& text) {
            const auto address = parse_address(text);
            return address && address->is_loopback();
        });
        const std::string told =
            fmt::format("the name {} is {} on its own node", rank.host_name, join(own, " "));
        if (own.empty())
            census.unknown(subject_of(rank), "the own host name does not resolve");
        else if (loopback)
            census.fire(subject_of(rank), told,
                        {own.front(), "an address that other nodes reach", ""});
        else
            census.pass(subject_of(rank), told);
    }
    census.write();
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
    Census census(facts, judge);
    std::map<std::string, std::set<std::string>> nodes_of, identities_of;
    for (const RankFacts& rank : facts.ranks) {
        const std::string identity = identity_of(rank);
        if (identity.empty()) {
            census.unknown(subject_of(rank), "host name or boot id could not be read");
            continue;
        }
        nodes_of[identity].insert(rank.node);
        identities_of[rank.node].insert(identity);
    }
    for (const auto& [identity, nodes] : nodes_of) {
        std::vector<Subject> subjects;
        for (const std::string& node : nodes) subjects.push_back({node, -1, "", "", ""});
        if (nodes.size() > 1)
            census.fire({},
                        fmt::format("{}: the same to NCCL ('{}'), which takes them for one node",
                                    show(subjects, facts), identity));
    }
    for (const auto& [node, identities] : identities_of) {
        const Subject subject{node, -1, "", "", ""};
        if (identities.size() > 1)
            census.warn(subject, fmt::format("NCCL takes its tasks for {} nodes: {}",
                                             identities.size(), listed(identities)));
        else if (nodes_of[*identities.begin()].size() == 1)
            census.pass(subject, "one name and boot id, its own");
    }
    census.write();
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

/// Nodes that NO_PROXY does not name, neither by name nor by address.
std::vector<std::string> proxied(const RankFacts& rank,
                                 const std::map<std::string, std::vector<std::string>>& nodes) {
    std::vector<std::string> entries;
    for (const char* name : {"no_proxy", "NO_PROXY", "no_grpc_proxy"}) {
        for (const std::string& entry : split(variable(rank.env, name).value_or(""), ','))
            entries.push_back(entry);
    }
    std::vector<std::string> found;
    for (const auto& node : nodes) {
        const bool spared = std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
            return spares(entry, node.first, node.second);
        });
        if (!spared && node.first != rank.node) found.push_back(node.first);
    }
    return found;
}

void judge_proxy(const Facts& facts, Judge& judge) {
    Census census(facts, judge);
    if (facts.nodes.size() < 2) return judge.skip("one node");
    std::map<std::string, std::vector<std::string>> nodes;
    for (const RankFacts& rank : facts.ranks) nodes.try_emplace(rank.node, rank.own_addresses);
    std::vector<std::string> names;
    names.reserve(nodes.size());
    for (const auto& [node, addresses] : nodes) names.push_back(node);
    const std::string all = join(names, ",");
    for (const RankFacts& rank : facts.ranks) {
        const std::string proxy = proxy_of(rank);
        if (proxy.empty()) {
            census.pass(subject_of(rank), "no proxy is set");
            continue;
        }
        const auto behind = proxied(rank, nodes);
        if (behind.empty())
            census.pass(subject_of(rank), proxy + " is set, and NO_PROXY names all nodes");
        else
            census.fire(
                subject_of(rank),
                fmt::format("{} is set, and NO_PROXY does not name {}{}", proxy, behind.front(),
                            behind.size() == 1
                                ? ""
                                : fmt::format(" and {} other nodes", behind.size() - 1)),
                {}, fmt::format("export NO_PROXY={0} no_proxy={0}", all));
    }
    census.write();
}

void judge_clock(const Facts& facts, Judge& judge) {
    Census census(facts, judge);
    if (facts.nodes.size() < 2) return judge.skip("one node");
    for (const NodeFacts& node : facts.nodes) {
        const auto ranks = facts.ranks_on(node.name);
        if (ranks.empty()) continue;
        const RankFacts& rank = *ranks.front();
        const Subject subject = subject_of(node);
        if (!rank.clock_offset_s) {
            census.unknown(subject, "clocks were not compared");
            continue;
        }
        const double skew = std::abs(*rank.clock_offset_s);
        const Figure figure{fmt::format("{:.3f}", skew), fmt::format("{:.3f}", tolerated_skew_s),
                            "s"};
        if (skew > tolerated_skew_s)
            census.fire(subject, fmt::format("its clock is {:.1f} s off rank 0's", skew), figure);
        else
            census.pass(subject, "its clock agrees with rank 0's", figure);
    }
    census.write();
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
         judge_loopback},
        {"net-host-identity", network_family, Severity::error, Privilege::user, Level::quick,
         "NCCL uses shared memory between nodes and fails, or sockets within a node and is slow.",
         "NCCL tells nodes apart by host name and boot id. Containers that are all called alike "
         "on machines started from one image look like one node; containers with names of their "
         "own on one node look like several (a warning).",
         "Host name and boot id, or NCCL_HOSTID, of all ranks against the nodes they are on.",
         "srun bash -c 'NCCL_HOSTID=$SLURMD_NODENAME exec CMD'", judge_identity},
        {"net-proxy", network_family, Severity::warning, Privilege::user, Level::quick,
         "JAX, gRPC or a rendezvous over HTTP cannot connect to the other nodes.",
         "A proxy variable of the login shell sends connections between the nodes to a proxy, "
         "which does not know them.",
         "http_proxy, https_proxy, all_proxy and grpc_proxy of every rank, and whether NO_PROXY "
         "names the other nodes.",
         "unset http_proxy https_proxy all_proxy grpc_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY",
         judge_proxy},
        {"clock-skew", network_family, Severity::warning, Privilege::user, Level::quick,
         "Logs and traces of different nodes contradict each other; checkpoints look outdated.",
         "The clocks of the nodes are more than a second apart.",
         "The clock of every node against rank 0's, corrected by the time of travel.",
         "as root: systemctl enable --now chrony && chronyc makestep", judge_clock},
    };
}

}  // namespace warpstep::check
