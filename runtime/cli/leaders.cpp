// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/leaders.hpp"

#include <algorithm>
#include <numeric>
#include <random>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::cli {
namespace {

constexpr const char* key_name = "warpstep.leader";

/// Where rank 0 listens, and what only the step's own tasks can know.
struct Invitation {
    std::string address;
    int port = 0;
    std::string token;
};

std::string random_token() {
    std::random_device device;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

std::string encode(const Invitation& invitation) {
    return fmt::format("{}\n{}\n{}", invitation.address, invitation.port, invitation.token);
}

Invitation decode(const std::string& text) {
    const auto lines = split(text, '\n');
    if (lines.size() != 3)
        fail<CommError>("rank 0 published no address; start all ranks with the same warpstep");
    return {lines[0], std::stoi(lines[1]), lines[2]};
}

void publish(step::PmixSession& session, const Invitation& invitation) {
    session.put(key_name, encode(invitation));
    session.commit();
}

Invitation ask(step::PmixSession& session, const step::Step& step, Deadline deadline) {
    const auto answers = session.collect(key_name, {0}, step::Reach::peers, deadline);
    if (!answers.front())
        fail<CommError>("rank 0 on {} never arrived; see what it printed",
                        step.node_names[static_cast<std::size_t>(step.node_of(0))]);
    return decode(*answers.front());
}

}  // namespace

step::Step leaders_of(const step::Step& step) {
    std::vector<std::size_t> nodes(step.node_names.size());
    std::iota(nodes.begin(), nodes.end(), 0);
    std::sort(nodes.begin(), nodes.end(), [&](std::size_t a, std::size_t b) {
        return step.node_ranks[a].front() < step.node_ranks[b].front();
    });
    step::Step leaders = step;
    leaders.size = step.nodes();
    leaders.local_rank = 0;
    leaders.local_size = 1;
    leaders.node_names.clear();
    leaders.node_ranks.clear();
    for (const std::size_t node : nodes) {
        const int index = static_cast<int>(leaders.node_names.size());
        if (static_cast<int>(node) == step.node) leaders.rank = leaders.node = index;
        leaders.node_names.push_back(step.node_names[node]);
        leaders.node_ranks.push_back({index});
        leaders.known_as.push_back(step.node_ranks[node].front());
    }
    return leaders;
}

Leaders connect_leaders(step::PmixSession* session, const step::Step& step, Deadline deadline) {
    Leaders leaders;
    leaders.step = leaders_of(step);
    leaders.own_address = comm::routable_address(step);
    Invitation invitation{leaders.own_address, 0, random_token()};
    std::optional<comm::Listener> listener;
    if (leaders.step.size > 1) {
        if (leaders.step.rank == 0) {
            listener.emplace(invitation.address);
            invitation.port = listener->port();
            publish(*session, invitation);
        } else {
            invitation = ask(*session, step, deadline);
        }
    }
    leaders.root_address = invitation.address;
    leaders.channel =
        comm::ControlChannel::connect(leaders.step, std::move(listener), invitation.address,
                                      invitation.port, invitation.token, deadline);
    // One round trip proves that the channel stands everywhere; only then may PMIx go.
    leaders.channel->agree(0, deadline);
    return leaders;
}

}  // namespace warpstep::cli
