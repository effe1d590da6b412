// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/leaders.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <random>
#include <thread>

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

Invitation ask(step::PmixSession& session, const step::Step& step, step::Reach reach,
               Deadline deadline) {
    const auto answers = session.collect(key_name, {0}, reach, deadline);
    if (!answers.front())
        fail<CommError>("rank 0 on {} never arrived; see what it printed",
                        step.node_names[static_cast<std::size_t>(step.node_of(0))]);
    return decode(*answers.front());
}

/// Whether nobody listens there, told at once by the other side.
bool is_refused(const Invitation& invitation) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(invitation.port);
    if (::getaddrinfo(invitation.address.c_str(), port.c_str(), &wanted, &found) != 0) return false;
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool refused =
        ::connect(socket, found->ai_addr, found->ai_addrlen) != 0 && errno == ECONNREFUSED;
    ::close(socket);
    return refused;
}

/// A script may run several commands in one step. PMIx then hands out the invitation of an earlier
/// one until rank 0 has published the next.
Invitation ask_until_open(step::PmixSession& session, const step::Step& step, Deadline deadline) {
    Invitation invitation = ask(session, step, step::Reach::peers, deadline);
    while (is_refused(invitation) && !deadline.passed()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        invitation = ask(session, step, step::Reach::anew, deadline);
    }
    return invitation;
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
