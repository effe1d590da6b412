// SPDX-License-Identifier: Apache-2.0
// The interfaces over which the ranks talk.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/check/network_address.hpp"
#include "runtime/check/rules/network_parts.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

std::set<NetworkAddress> addresses_of(const RankFacts& rank) {
    std::set<NetworkAddress> all;
    for (const Interface& interface : rank.interfaces) {
        for (const NetworkAddress& address : reachable_addresses(interface)) all.insert(address);
    }
    return all;
}

/// Networks in which every node has an address of its own. (Bridges of virtual machines and
/// containers have the same address everywhere and lead nowhere.)
std::set<NetworkAddress> common_networks(const std::vector<const RankFacts*>& nodes) {
    std::map<NetworkAddress, std::size_t> members;
    std::map<NetworkAddress, int> owners;
    for (const RankFacts* rank : nodes) {
        for (const NetworkAddress& address : addresses_of(*rank)) ++owners[address];
    }
    for (const RankFacts* rank : nodes) {
        std::set<NetworkAddress> here;
        for (const NetworkAddress& address : addresses_of(*rank)) {
            if (owners[address] == 1) here.insert(network_of(address));
        }
        for (const NetworkAddress& network : here) ++members[network];
    }
    std::set<NetworkAddress> common;
    for (const auto& [network, count] : members) {
        if (count == nodes.size()) common.insert(network);
    }
    return common;
}

bool is_in(const Interface& interface, const std::set<NetworkAddress>& networks) {
    const auto addresses = reachable_addresses(interface);
    return std::any_of(addresses.begin(), addresses.end(), [&](const NetworkAddress& address) {
        return networks.contains(network_of(address));
    });
}

/// The interface that NCCL takes first: as NCCL_SOCKET_IFNAME says; else InfiniBand's, else any
/// but those of containers and virtual machines, else any. Source: ncclFindInterfaces().
const Interface* nccl_choice(const RankFacts& rank) {
    std::vector<std::string> lists = {"ib", "^docker,lo,virbr", "docker", "virbr"};
    if (const auto set = variable(rank.env, "NCCL_SOCKET_IFNAME"); set && !set->empty())
        lists = {*set};
    for (const std::string& list : lists) {
        for (const Interface& interface : rank.interfaces) {
            if (nccl_names(list, interface.name) && !reachable_addresses(interface).empty())
                return &interface;
        }
    }
    return nullptr;
}

/// A list for NCCL_SOCKET_IFNAME: what the interfaces in common networks are called.
std::string names_in(const std::vector<const RankFacts*>& nodes,
                     const std::set<NetworkAddress>& networks) {
    std::vector<std::string> names;
    for (const RankFacts* rank : nodes) {
        for (const Interface& interface : rank->interfaces) {
            const bool known = std::find(names.begin(), names.end(), interface.name) != names.end();
            if (!known && is_in(interface, networks)) names.push_back(interface.name);
        }
    }
    return join(names, ",");
}

/// Different networks may be joined by routers, which no node can tell.
void judge_without_common(const std::vector<const RankFacts*>& nodes, Judge& judge) {
    std::vector<std::string> told;
    bool cut_off = false;
    for (const RankFacts* rank : nodes) {
        std::vector<std::string> networks;
        for (const NetworkAddress& address : addresses_of(*rank))
            networks.push_back(show(network_of(address)));
        if (told.size() < 4) told.push_back(rank->node + ": " + join(networks, " "));
        if (!networks.empty()) continue;
        cut_off = true;
        judge.fire(node_of(*rank),
                   "no interface is up with an address that other nodes could reach", {},
                   "ip -brief address on the node, then bring its interface up; in a container: "
                   "docker run --network=host …");
    }
    if (cut_off) return;
    judge.warn({}, fmt::format("no network has an address of every node ({}); only routers can "
                               "join them",
                               join(told, "; ")));
}

void judge_common(const Facts& facts, Judge& judge) {
    const auto nodes = first_ranks(facts);  // interfaces are the node's, or its container's
    if (nodes.size() < 2) return judge.skip("one node");
    for (const RankFacts* rank : nodes) {
        if (rank->interfaces.empty())
            judge.unknown(node_of(*rank), "the interfaces could not be read");
    }
    if (!judge.is_silent()) return;
    const auto common = common_networks(nodes);
    if (common.empty()) return judge_without_common(nodes, judge);
    const std::string names = names_in(nodes, common);
    for (const RankFacts* rank : nodes) {
        const Interface* choice = nccl_choice(*rank);
        if (choice == nullptr)
            judge.skip("net-ifname-unknown says what is wrong");
        else if (is_in(*choice, common))
            judge.pass(node_of(*rank),
                       fmt::format("{} is in a network with all nodes", choice->name));
        else
            judge.warn(
                node_of(*rank), "NCCL would take an interface that is in no network with all nodes",
                fmt::format("NCCL would take {}, which is in no network with all nodes; {} "
                            "is",
                            choice->name, names),
                {choice->name, names, ""},
                fmt::format("export NCCL_SOCKET_IFNAME=={}{}", names,
                            names.find(',') == names.npos ? " GLOO_SOCKET_IFNAME=" + names : ""));
    }
}

/// Names of the interfaces with an address.
std::string known_names(const RankFacts& rank) {
    std::vector<std::string> names;
    for (const Interface& interface : rank.interfaces) {
        if (!interface.addresses.empty()) names.push_back(interface.name);
    }
    return join(names, ", ");
}

bool gloo_names(const std::string& list, const std::string& name) {
    const auto entries = split(list, ',');
    return std::any_of(entries.begin(), entries.end(),
                       [&](const std::string& entry) { return trim(entry) == name; });
}

void judge_name(const RankFacts& rank, const char* name,
                bool (*names)(const std::string&, const std::string&), Judge& judge) {
    const auto list = variable(rank.env, name);
    if (!list || list->empty()) return;
    if (rank.interfaces.empty())
        return judge.unknown(subject_of(rank), "the interfaces could not be read");
    const bool found = std::any_of(
        rank.interfaces.begin(), rank.interfaces.end(), [&](const Interface& interface) {
            return interface.up && !interface.addresses.empty() && names(*list, interface.name);
        });
    if (found)
        return judge.pass(subject_of(rank), fmt::format("{}={} names an interface", name, *list));
    judge.fire(subject_of(rank), fmt::format("{} names none of the interfaces that are up", name),
               fmt::format("{}={} names none of the interfaces that are up: {}", name, *list,
                           known_names(rank)),
               {*list, known_names(rank), ""}, fmt::format("unset {}", name));
}

void judge_ifname(const Facts&, const RankFacts& rank, Judge& judge) {
    judge_name(
        rank, "NCCL_SOCKET_IFNAME",
        [](const std::string& list, const std::string& name) { return nccl_names(list, name); },
        judge);
    judge_name(rank, "GLOO_SOCKET_IFNAME", gloo_names, judge);
    judge.skip_if_silent("neither NCCL_SOCKET_IFNAME nor GLOO_SOCKET_IFNAME is set");
}

}  // namespace

std::vector<Rule> families::network_interfaces() {
    return {
        {"net-no-common-interface", network_family, Severity::error, Privilege::user, Level::quick,
         "NCCL hangs at its start, or says: no route to host.",
         "The nodes have no network in common, or NCCL picks an interface (a bridge of containers "
         "or virtual machines, a management port) that the other nodes cannot reach: a warning.",
         "The networks of all interfaces of all nodes that are up against each other, and the "
         "interface that NCCL takes against those that all nodes share.",
         "export NCCL_SOCKET_IFNAME and GLOO_SOCKET_IFNAME with the interface that joins the nodes "
         "(ip -brief address), or ask for nodes of one network: sbatch --switches=1 …",
         over_nodes(judge_common)},
        {"net-ifname-unknown", network_family, Severity::error, Privilege::user, Level::quick,
         "NCCL: no socket interface found; Gloo: unable to find address for an interface.",
         "NCCL_SOCKET_IFNAME or GLOO_SOCKET_IFNAME names an interface that this node does not "
         "have, or that is down: it was written for other nodes.",
         "The variables (for NCCL beginnings of names, = for whole names, ^ for all others) "
         "against the interfaces of the rank that are up and have an address.",
         "unset NCCL_SOCKET_IFNAME GLOO_SOCKET_IFNAME", each_rank(judge_ifname)},
    };
}

}  // namespace warpstep::check
