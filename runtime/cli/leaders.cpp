// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/leaders.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/base/error.hpp"
#include "runtime/cli/invitation.hpp"

namespace warpstep::cli {

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
            invitation = ask_until_open(*session, step, deadline);
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
