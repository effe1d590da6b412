// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/invitation.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <random>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::cli {
namespace {

constexpr const char* key_name = "warpstep.leader";

std::string encode(const Invitation& invitation) {
    return fmt::format("{}\n{}\n{}", invitation.address, invitation.port, invitation.token);
}

Invitation decode_invitation(const std::string& text) {
    const auto lines = split(text, '\n');
    if (lines.size() != 3)
        fail<CommError>("rank 0 published no address; start all ranks with the same warpstep");
    return {lines[0], std::stoi(lines[1]), lines[2]};
}

Invitation ask(step::PmixSession& session, const step::Step& step, step::Reach reach,
               Deadline deadline) {
    const auto answers = session.collect(key_name, {0}, reach, deadline);
    if (!answers.front())
        fail<CommError>("rank 0 on {} never arrived; see what it printed",
                        step.node_names[static_cast<std::size_t>(step.node_of(0))]);
    return decode_invitation(*answers.front());
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

}  // namespace

std::string random_token() {
    std::random_device device;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

void publish(step::PmixSession& session, const Invitation& invitation) {
    session.put(key_name, encode(invitation));
    session.commit();
}

Invitation ask_until_open(step::PmixSession& session, const step::Step& step, Deadline deadline) {
    Invitation invitation = ask(session, step, step::Reach::peers, deadline);
    while (is_refused(invitation) && !deadline.passed()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        invitation = ask(session, step, step::Reach::anew, deadline);
    }
    return invitation;
}

}  // namespace warpstep::cli
