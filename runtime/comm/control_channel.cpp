// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/control_channel.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/comm/channel/handshake.hpp"
#include "runtime/comm/channel/star.hpp"
#include "runtime/comm/channel/wire.hpp"
#include "runtime/comm/rank_names.hpp"

namespace warpstep::comm {

struct ControlChannel::State {
    channel::Star star;
};

namespace {

// Rank 0 gives up during the set-up: those who made it learn why instead of seeing a closed
// connection.
void tell_the_rest(std::vector<channel::Socket>& sockets, const Failure& failure) {
    for (auto& socket : sockets) {
        if (!socket.is_open()) continue;
        channel::Link link(std::move(socket));
        link.enqueue(channel::FrameType::stop, 0,
                     std::make_shared<const std::string>(channel::pack_failure(failure)));
        link.flush();
        ::shutdown(link.fd(), SHUT_WR);
    }
}

std::vector<channel::Socket> accept_all(const step::Step& step, std::optional<Listener> listener,
                                        std::string_view key, Deadline deadline) {
    if (!listener) throw LogicError("rank 0 connects the control channel without a listener");
    const int port = listener->port();
    allow_connections(step.size);
    auto sockets =
        channel::accept_peers(channel::Socket(listener->release()), step.size, key, deadline);
    std::vector<int> missing;
    for (int rank = 1; rank < step.size; ++rank) {
        if (!sockets[static_cast<std::size_t>(rank)].is_open()) missing.push_back(rank);
    }
    if (missing.empty()) return sockets;
    const auto text = fmt::format(
        "{} did not join the control channel in time ({} of {} ranks did); see {} own "
        "messages, "
        "and "
        "check that port {} of {} can be reached from there (WARPSTEP_CONTROL_ADDRESS chooses the "
        "network)",
        show_ranks(missing, step), step.size - static_cast<int>(missing.size()), step.size,
        missing.size() == 1 ? "its" : "their", port,
        step.node_name().empty() ? "rank 0" : step.node_name());
    tell_the_rest(sockets, {missing.front(), 3, text});
    throw CommError(text);
}

/// Those who came, without gaps; `ranks` says who they are.
std::vector<channel::Socket> accept_some(const step::Step& step, std::optional<Listener> listener,
                                         std::string_view key, Deadline deadline,
                                         std::vector<int>& ranks) {
    std::vector<channel::Socket> all;
    if (step.size > 1) {
        if (!listener) throw LogicError("rank 0 connects the control channel without a listener");
        allow_connections(step.size);
        all = channel::accept_peers(channel::Socket(listener->release()), step.size, key, deadline);
    } else {
        all.resize(1);
    }
    std::vector<channel::Socket> came;
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
        if (rank > 0 && !all[rank].is_open()) continue;
        ranks.push_back(static_cast<int>(rank));
        came.push_back(std::move(all[rank]));
    }
    return came;
}

std::vector<channel::Socket> join_root(const step::Step& step, const std::string& address, int port,
                                       std::string_view key, Deadline deadline) {
    std::string reason;
    std::vector<channel::Socket> sockets;
    sockets.push_back(channel::connect_to_root(address, port, step.rank, key, deadline, reason));
    if (!sockets.front().is_open()) {
        fail<CommError>(
            "{} did not let this rank join at {} port {} ({}); set WARPSTEP_CONTROL_ADDRESS "
            "to the "
            "interface that connects the nodes, and see rank 0's messages",
            show_ranks({0}, step), address, port, reason);
    }
    return sockets;
}

}  // namespace

ControlChannel::ControlChannel(std::unique_ptr<State> state) : state_(std::move(state)) {}
ControlChannel::~ControlChannel() = default;

std::unique_ptr<ControlChannel> ControlChannel::connect(const step::Step& step,
                                                        std::optional<Listener> listener,
                                                        const std::string& address, int port,
                                                        std::string_view step_key,
                                                        Deadline deadline) {
    std::vector<channel::Socket> sockets;
    if (step.size == 1) {
        sockets.resize(1);
    } else if (step.rank == 0) {
        sockets = accept_all(step, std::move(listener), step_key, deadline);
    } else {
        sockets = join_root(step, address, port, step_key, deadline);
    }
    // Not make_unique: the constructor is private, and State holds a Star that cannot move.
    auto state = std::unique_ptr<State>(new State{{step, std::move(sockets)}});
    return std::unique_ptr<ControlChannel>(new ControlChannel(std::move(state)));
}

ControlChannel::Arrived ControlChannel::connect_arrived(const step::Step& step,
                                                        std::optional<Listener> listener,
                                                        const std::string& address, int port,
                                                        std::string_view step_key,
                                                        Deadline deadline, Deadline patience) {
    std::vector<channel::Socket> sockets;
    step::Step present = step;
    Arrived arrived;
    if (step.rank == 0) {
        sockets = accept_some(step, std::move(listener), step_key, deadline, arrived.ranks);
        present = step::part_of(step, arrived.ranks);
    } else {
        sockets = join_root(step, address, port, step_key, deadline);
    }
    auto state = std::unique_ptr<State>(new State{{present, std::move(sockets)}});
    arrived.channel.reset(new ControlChannel(std::move(state)));
    std::vector<std::string> names;
    for (const int rank : arrived.ranks) names.push_back(std::to_string(rank));
    const auto packed = arrived.channel->broadcast(channel::pack(names), patience);
    arrived.ranks.clear();
    for (const auto& name : channel::unpack(packed)) arrived.ranks.push_back(std::stoi(name));
    return arrived;
}

std::vector<std::string> ControlChannel::gather(std::string_view mine, Deadline deadline) {
    auto& star = state_->star;
    const auto round = star.next_round();
    if (!star.is_root()) {
        star.send_part(round, mine);
        return {};
    }
    auto parts = star.collect(round, deadline);
    parts[0] = std::string(mine);
    return parts;
}

std::string ControlChannel::broadcast(std::string_view mine, Deadline deadline) {
    auto& star = state_->star;
    const auto round = star.next_round();
    if (!star.is_root()) return star.receive_answer(round, deadline);
    star.answer(round, std::string(mine));
    return std::string(mine);
}

std::vector<std::string> ControlChannel::all_gather(std::string_view mine, Deadline deadline) {
    auto parts = gather(mine, deadline);
    const auto everything =
        broadcast(state_->star.is_root() ? channel::pack(parts) : std::string(), deadline);
    return state_->star.is_root() ? parts : channel::unpack(everything);
}

int ControlChannel::agree(int code, Deadline deadline) {
    int largest = code;
    for (const auto& one : gather(std::to_string(code), deadline)) {
        largest = std::max(largest, std::stoi(one));
    }
    return std::stoi(broadcast(std::to_string(largest), deadline));
}

void ControlChannel::fail(int code, std::string_view text) noexcept {
    try {
        state_->star.fail(code, text);
    } catch (...) {
        // Out of memory: the closing connection will tell the others.
    }
}

std::optional<Failure> ControlChannel::failure() const {
    return state_->star.failure();
}
void ControlChannel::check() const {
    state_->star.check();
}

ControlChannel::Alarm ControlChannel::on_failure(std::function<void()> act) const {
    return {*this, state_->star.add_alarm(std::move(act))};
}
ControlChannel::Alarm::Alarm(Alarm&& other) noexcept
    : channel_(std::exchange(other.channel_, nullptr)), number_(other.number_) {}
ControlChannel::Alarm::~Alarm() {
    if (channel_ != nullptr) channel_->state_->star.remove_alarm(number_);
}

void ControlChannel::close(Deadline deadline) {
    state_->star.close(deadline);
}

}  // namespace warpstep::comm
