// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/mesh.hpp"

#include <fcntl.h>
#include <gloo/transport/context.h>
#include <gloo/transport/pair.h>
#include <gloo/transport/tcp/device.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/channel/wire.hpp"

namespace warpstep::comm::host {
namespace {

using std::chrono::milliseconds;

// Of this process.
std::set<int> connected_sockets() {
    std::set<int> sockets;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
        const int fd = std::atoi(entry.path().filename().c_str());
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
        if (peer.ss_family == AF_INET || peer.ss_family == AF_INET6) sockets.insert(fd);
    }
    return sockets;
}

// Gloo's thread inherits the mask: signals are for the thread that runs the workload.
class WithoutSignals {
  public:
    WithoutSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    WithoutSignals(const WithoutSignals&) = delete;
    WithoutSignals& operator=(const WithoutSignals&) = delete;

  private:
    sigset_t before_{};
};

/// All that the connecting thread touches, so that it can be left behind.
struct Attempt {
    std::shared_ptr<Mesh> mesh;
    std::vector<std::string> peers;
    std::promise<void> end;

    void run() {
        try {
            mesh->connect(peers);
            end.set_value();
        } catch (...) {
            end.set_exception(std::current_exception());
        }
    }
};

// Gloo is deaf to failures while it connects. So it does so in a thread of its own, which is left
// behind when there is nothing to wait for any more.
void connect_watched(std::shared_ptr<Mesh> mesh, std::vector<std::string> peers,
                     const ControlChannel& channel, Deadline setup) {
    const auto attempt = std::make_shared<Attempt>();
    attempt->mesh = std::move(mesh);
    attempt->peers = std::move(peers);
    auto end = attempt->end.get_future();
    {
        const WithoutSignals scope;
        std::thread([attempt] { attempt->run(); }).detach();
    }
    while (end.wait_for(milliseconds(10)) != std::future_status::ready) {
        channel.check();
        if (setup.passed()) {
            fail<CommError>(
                "some nodes' leaders did not answer in time (the set-up's deadline has "
                "passed)");
        }
    }
    end.get();
}

// Of each leader's words the one for `node`; the other ranks have said nothing.
std::vector<std::string> words_for(int node, const step::Step& step,
                                   const std::vector<std::string>& said) {
    std::vector<std::string> words;
    for (const auto& ranks : step.node_ranks) {
        const auto all = channel::unpack(said.at(static_cast<std::size_t>(ranks.front())));
        words.push_back(all.at(static_cast<std::size_t>(node)));
    }
    return words;
}

}  // namespace

Mesh::Mesh(int node, int nodes, milliseconds operation_timeout) : gloo::Context(node, nodes) {
    setTimeout(operation_timeout);
}

std::vector<std::string> Mesh::listen(const std::string& address) {
    const WithoutSignals scope;
    // Gloo writes to its sockets as to files, and a peer may be gone.
    ::signal(SIGPIPE, SIG_IGN);
    others_ = connected_sockets();
    device_ = gloo::transport::tcp::CreateDevice(gloo::transport::tcp::attr(address.c_str()));
    transportContext_ = device_->createContext(rank, size);
    transportContext_->setTimeout(getTimeout());
    std::vector<std::string> words;
    for (int peer = 0; peer < size; ++peer) {
        if (peer == rank) {
            words.emplace_back();
            continue;
        }
        const auto bytes = transportContext_->createPair(peer)->address().bytes();
        words.emplace_back(bytes.begin(), bytes.end());
    }
    return words;
}

void Mesh::connect(const std::vector<std::string>& peers) {
    for (int peer = 0; peer < size; ++peer) {
        if (peer == rank) continue;
        const std::string& word = peers[static_cast<std::size_t>(peer)];
        transportContext_->getPair(peer)->connect({word.begin(), word.end()});
    }
    // Nothing else connects meanwhile: what is new is Gloo's.
    for (const int fd : connected_sockets()) {
        if (others_.count(fd) == 0) sockets_.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    }
}

// Gloo's thread sees the end of a connection and wakes whoever waits for it; closing a pair would
// wake nobody on this side.
void Mesh::interrupt() const noexcept {
    for (const auto& socket : sockets_) ::shutdown(socket.fd(), SHUT_RD);
}

void skip_mesh(Exchange& exchange, Deadline setup) {
    exchange.all_gather("", setup);
}

std::shared_ptr<Mesh> connect_mesh(const step::Step& step, Exchange& exchange,
                                   const ControlChannel& channel, const std::string& my_address,
                                   Deadline setup, milliseconds operation_timeout) {
    if (step.local_rank != 0) {
        skip_mesh(exchange, setup);
        return nullptr;
    }
    auto mesh = std::make_shared<Mesh>(step.node, step.nodes(), operation_timeout);
    try {
        const auto said = exchange.all_gather(channel::pack(mesh->listen(my_address)), setup);
        connect_watched(mesh, words_for(step.node, step, said), channel, setup);
    } catch (const PeerFailure&) {
        throw;
    } catch (const std::exception& error) {
        channel.check();
        fail<CommError>(
            "{} cannot connect to the other nodes' leaders from {} ({}); set "
            "WARPSTEP_CONTROL_ADDRESS to the interface that connects the nodes",
            step.node_name(), my_address, error.what());
    }
    return mesh;
}

}  // namespace warpstep::comm::host
