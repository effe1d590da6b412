// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/given_peers.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

namespace warpstep::comm {
namespace {

using nlohmann::json;

void check_layout(const step::Step& step) {
    const auto nodes = step.node_names.size();
    if (step.rank < 0 || step.rank >= step.size || step.node < 0 || nodes == 0 ||
        static_cast<std::size_t>(step.node) >= nodes || step.node_ranks.size() != nodes) {
        fail<ConfigError>("no place for rank {} of {}", step.rank, step.size);
    }
    const auto& here = step.node_ranks[static_cast<std::size_t>(step.node)];
    const auto local = static_cast<std::size_t>(step.local_rank);
    if (step.local_size != static_cast<int>(here.size()) || local >= here.size() ||
        here[local] != step.rank) {
        fail<ConfigError>("local rank {} of {} is not rank {}", step.local_rank, step.local_size,
                          step.rank);
    }
}

step::Step step_from(const json& from) {
    step::Step step;
    step.launcher = step::Launcher::given;
    from.at("rank").get_to(step.rank);
    from.at("size").get_to(step.size);
    from.at("local_rank").get_to(step.local_rank);
    from.at("local_size").get_to(step.local_size);
    from.at("node").get_to(step.node);
    from.at("node_names").get_to(step.node_names);
    from.at("node_ranks").get_to(step.node_ranks);
    from.at("job_id").get_to(step.job_id);
    from.at("step_id").get_to(step.step_id);
    from.at("restart_count").get_to(step.restart_count);
    check_layout(step);
    return step;
}

}  // namespace

std::string encode(const GivenPeers& peers) {
    const step::Step& step = peers.step;
    json out = {{"rank", step.rank},
                {"size", step.size},
                {"local_rank", step.local_rank},
                {"local_size", step.local_size},
                {"node", step.node},
                {"node_names", step.node_names},
                {"node_ranks", step.node_ranks},
                {"job_id", step.job_id},
                {"step_id", step.step_id},
                {"restart_count", step.restart_count},
                {"address", peers.address},
                {"port", peers.port},
                {"key", peers.key},
                {"listener", peers.listener}};
    if (peers.seat) out["seat"] = {{"gpu", peers.seat->gpu}, {"cpus", peers.seat->cpus}};
    return out.dump(-1, ' ', true, json::error_handler_t::replace);
}

GivenPeers decode_given_peers(std::string_view text) {
    try {
        const json from = json::parse(text);
        GivenPeers peers;
        peers.step = step_from(from);
        from.at("address").get_to(peers.address);
        from.at("port").get_to(peers.port);
        from.at("key").get_to(peers.key);
        from.at("listener").get_to(peers.listener);
        if (const auto seat = from.find("seat"); seat != from.end()) {
            peers.seat = Seat{seat->at("gpu"), seat->at("cpus")};
        }
        return peers;
    } catch (const std::exception& error) {
        fail<ConfigError>("{} cannot be read ({}); unset {}, it is set by `warpstep check` only",
                          given_peers_variable, error.what(), given_peers_variable);
    }
}

std::optional<GivenPeers> given_peers() {
    const char* text = std::getenv(given_peers_variable);
    if (text == nullptr || *text == '\0') return std::nullopt;
    return decode_given_peers(text);
}

std::unique_ptr<ControlChannel> meet(const GivenPeers& peers, Deadline deadline) {
    std::optional<Listener> listener;
    if (peers.step.size > 1 && peers.step.rank == 0) {
        listener = Listener::inherited(peers.listener);
    }
    return ControlChannel::connect(peers.step, std::move(listener), peers.address, peers.port,
                                   peers.key, deadline);
}

}  // namespace warpstep::comm
