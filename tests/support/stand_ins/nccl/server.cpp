// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stand_ins/nccl/server.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <thread>
#include <tuple>

namespace stand_ins::nccl {
namespace {

struct Part {
    int socket;
    Request request;
    std::string payload;
};

/// The ranks of one communicator and what they wait for.
struct Meeting {
    std::map<int, Part> hellos;                                ///< by rank
    std::map<std::int64_t, std::map<int, Part>> turns;         ///< collectives by turn, by rank
    std::map<std::tuple<int, int, std::int64_t>, Part> sends;  ///< from, to, turn
    std::map<std::tuple<int, int, std::int64_t>, Part> recvs;
    std::map<int, bool> left;  ///< ranks that said bye
    int code = ncclSuccess;    ///< why nothing goes on
};

void answer(const Part& part, int code, const std::string& payload = "") {
    const Reply reply{part.request.id, code, payload.size()};
    write_all(part.socket, &reply, sizeof reply);
    write_all(part.socket, payload.data(), payload.size());
}

class Server {
  public:
    explicit Server(int listener) : listener_(listener) {}

    [[noreturn]] void run() {
        for (;;) {
            std::vector<pollfd> polled{{listener_, POLLIN, 0}};
            for (const int socket : sockets_) polled.push_back({socket, POLLIN, 0});
            if (::poll(polled.data(), polled.size(), -1) < 0) continue;
            if ((polled[0].revents & POLLIN) != 0) accept();
            for (std::size_t i = 1; i < polled.size(); ++i) {
                if (polled[i].revents != 0) hear(polled[i].fd);
            }
        }
    }

  private:
    void accept() {
        const int socket = ::accept(listener_, nullptr, nullptr);
        if (socket < 0) return;
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockets_.push_back(socket);
    }

    void hear(int socket) {
        Part part{socket, {}, {}};
        if (read_all(socket, &part.request, sizeof part.request)) {
            part.payload.resize(part.request.bytes);
            if (read_all(socket, part.payload.data(), part.payload.size())) {
                take(std::move(part));
                return;
            }
        }
        gone(socket);
    }

    void take(Part part) {
        Meeting& meeting = meetings_[part.request.communicator];
        const Request& request = part.request;
        if (meeting.code != ncclSuccess && request.op != Op::bye) {
            answer(part, meeting.code);
            return;
        }
        switch (request.op) {
            case Op::hello:
                return greet(meeting, std::move(part));
            case Op::send:
            case Op::recv:
                return match(meeting, std::move(part));
            case Op::bye:
                meeting.left[request.rank] = true;
                answer(part, ncclSuccess);
                return;
            default:
                return gather(meeting, std::move(part));
        }
    }

    void greet(Meeting& meeting, Part part) {
        const int size = part.request.size;
        meeting.hellos.emplace(part.request.rank, std::move(part));
        if (static_cast<int>(meeting.hellos.size()) < size) return;
        int code = ncclSuccess;
        const Request& first = meeting.hellos.begin()->second.request;
        for (const auto& [rank, hello] : meeting.hellos) {
            if (hello.request.size != first.size || hello.request.version != first.version) {
                code = ncclInvalidUsage;
            }
            for (const auto& [other_rank, other] : meeting.hellos) {
                const bool same = std::strcmp(hello.request.gpu, other.request.gpu) == 0;
                if (rank < other_rank && same) code = ncclInvalidUsage;
            }
        }
        meeting.code = code;
        for (const auto& [rank, hello] : meeting.hellos) answer(hello, code);
    }

    static void match(Meeting& meeting, Part part) {
        const Request& request = part.request;
        const bool sends = request.op == Op::send;
        const int from = sends ? request.rank : request.peer;
        const int to = sends ? request.peer : request.rank;
        const std::tuple key{from, to, request.turn};
        auto& mine = sends ? meeting.sends : meeting.recvs;
        auto& theirs = sends ? meeting.recvs : meeting.sends;
        const auto found = theirs.find(key);
        if (found == theirs.end()) {
            mine.emplace(key, std::move(part));
            return;
        }
        const Part& send = sends ? part : found->second;
        const Part& recv = sends ? found->second : part;
        const bool fits =
            send.request.bytes ==
            recv.request.count * size_of(static_cast<ncclDataType_t>(recv.request.dtype));
        answer(send, fits ? ncclSuccess : ncclInvalidUsage);
        answer(recv, fits ? ncclSuccess : ncclInvalidUsage, fits ? send.payload : "");
        theirs.erase(found);
    }

    static void gather(Meeting& meeting, Part part) {
        const std::int64_t turn = part.request.turn;
        auto& parts = meeting.turns[turn];
        const auto size = static_cast<std::size_t>(part.request.size);
        parts.emplace(part.request.rank, std::move(part));
        if (parts.size() < size) return;
        complete(parts);
        meeting.turns.erase(turn);
    }

    static bool alike(const std::map<int, Part>& parts) {
        const Request& a = parts.begin()->second.request;
        for (const auto& [rank, part] : parts) {
            const Request& b = part.request;
            const bool same = a.op == b.op && a.dtype == b.dtype && a.reduction == b.reduction &&
                              a.root == b.root && (a.count == b.count || a.op == Op::split);
            if (!same) return false;
        }
        return true;
    }

    static void complete(const std::map<int, Part>& parts) {
        const Request& request = parts.begin()->second.request;
        if (!alike(parts)) {
            for (const auto& [rank, part] : parts) answer(part, ncclInvalidUsage);
            return;
        }
        std::vector<std::string> in;
        for (const auto& [rank, part] : parts) in.push_back(part.payload);
        const auto type = static_cast<ncclDataType_t>(request.dtype);
        const auto reduction = static_cast<ncclRedOp_t>(request.reduction);
        const std::size_t chunk = request.count * size_of(type);
        const auto root = static_cast<std::size_t>(request.root);
        std::string all;
        for (const auto& each : in) all += each;
        std::string reduced;
        if (request.op == Op::all_reduce || request.op == Op::reduce) {
            reduce(type, reduction, in, request.count, reduced);
        } else if (request.op == Op::reduce_scatter) {
            reduce(type, reduction, in, request.count * parts.size(), reduced);
        }
        for (const auto& [rank, part] : parts) {
            const auto place = static_cast<std::size_t>(rank);
            std::string out;
            switch (request.op) {
                case Op::all_reduce:
                    out = reduced;
                    break;
                case Op::reduce:
                    if (place == root) out = reduced;
                    break;
                case Op::reduce_scatter:
                    out = reduced.substr(place * chunk, chunk);
                    break;
                case Op::broadcast:
                    out = in[root];
                    break;
                case Op::scatter:
                    out = in[root].substr(place * chunk, chunk);
                    break;
                case Op::gather:
                    if (place == root) out = all;
                    break;
                case Op::all_to_all:
                    for (const auto& each : in) out += each.substr(place * chunk, chunk);
                    break;
                default:  // all_gather, split, finalize
                    out = all;
            }
            answer(part, ncclSuccess, out);
        }
    }

    // A rank that goes without a word breaks every communicator that it is part of.
    void gone(int socket) {
        for (auto& [name, meeting] : meetings_) {
            for (const auto& [rank, hello] : meeting.hellos) {
                if (hello.socket == socket && !meeting.left[rank]) break_up(meeting, socket);
            }
        }
        sockets_.erase(std::remove(sockets_.begin(), sockets_.end(), socket), sockets_.end());
        ::close(socket);
    }

    static void break_up(Meeting& meeting, int socket) {
        meeting.code = ncclRemoteError;
        const auto tell = [&](const Part& part) {
            if (part.socket != socket) answer(part, ncclRemoteError);
        };
        for (const auto& [turn, parts] : meeting.turns) {
            for (const auto& [rank, part] : parts) tell(part);
        }
        for (const auto& [key, part] : meeting.sends) tell(part);
        for (const auto& [key, part] : meeting.recvs) tell(part);
        meeting.turns.clear();
        meeting.sends.clear();
        meeting.recvs.clear();
    }

    int listener_;
    std::vector<int> sockets_;
    std::map<std::string, Meeting> meetings_;
};

// The first address by which other nodes could reach this one.
std::uint32_t own_address() {
    std::uint32_t found = htonl(INADDR_LOOPBACK);
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return found;
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
        const bool usable = each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET &&
                            (each->ifa_flags & IFF_UP) != 0 &&
                            (each->ifa_flags & IFF_LOOPBACK) == 0;
        if (!usable) continue;
        found = reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr;
        break;
    }
    ::freeifaddrs(all);
    return found;
}

}  // namespace

bool read_all(int socket, void* data, std::size_t bytes) {
    auto* at = static_cast<char*>(data);
    while (bytes > 0) {
        const ssize_t got = ::recv(socket, at, bytes, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        bytes -= static_cast<std::size_t>(got);
    }
    return true;
}

bool write_all(int socket, const void* data, std::size_t bytes) {
    const auto* at = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t put = ::send(socket, at, bytes, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        at += put;
        bytes -= static_cast<std::size_t>(put);
    }
    return true;
}

Address start_server() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = INADDR_ANY;
    socklen_t length = sizeof any;
    if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&any), sizeof any) != 0 ||
        ::listen(listener, 128) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&any), &length) != 0) {
        return {};
    }
    std::thread([listener] { Server(listener).run(); }).detach();
    return {own_address(), ntohs(any.sin_port)};
}

}  // namespace stand_ins::nccl
