// SPDX-License-Identifier: Apache-2.0
// The small TCP star that carries agreement, reports, progress and failure once PMIx is finalized.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/comm/exchange.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm {

/// The first failure of the step, as rank 0 saw it; every survivor ends with its code.
struct Failure {
    int rank = 0;
    int code = 3;
    std::string text;
};

/// Thrown out of every wait of a rank when a peer has failed. Its code is the step's.
struct PeerFailure : Error {
    explicit PeerFailure(const Failure& failure)
        : Error(static_cast<ExitCode>(failure.code), failure.text), rank(failure.rank) {}
    int rank;
};

/// A listening socket of rank 0, opened before the records are exchanged.
class Listener {
  public:
    /// Binds to a free port of `address` (IPv4 or IPv6 text). Errors: EnvironmentError.
    explicit Listener(const std::string& address);
    /// Takes over a listening socket that this process has inherited. Errors: EnvironmentError for
    /// a descriptor that is none.
    static Listener inherited(int fd);
    Listener(Listener&&) noexcept;
    Listener& operator=(Listener&&) noexcept;
    ~Listener();
    int port() const { return port_; }
    int fd() const { return fd_; }
    int release();  ///< gives the descriptor away

  private:
    Listener() = default;
    int fd_ = -1;
    int port_ = 0;
};

/// The address by which the other nodes reach this one: WARPSTEP_CONTROL_ADDRESS (an interface
/// name, or an address of rank 0's node, which other nodes pass over); "127.0.0.1" for one node;
/// else the address that the host name resolves to when it is not loopback; else the first global
/// address of an interface that is up. Errors: EnvironmentError.
std::string routable_address(const step::Step& step);

/// Makes room for `connections` more sockets by raising the soft limit of open files. Local.
/// Errors: EnvironmentError with both numbers when the hard limit is lower.
void allow_connections(int connections);

/// Star around rank 0 with one watching thread per rank. All operations but fail() are collective
/// and blocking, and throw PeerFailure as soon as a peer has failed, or CommError naming the
/// missing ranks and nodes when the deadline has passed.
class ControlChannel final : public Exchange {
  public:
    /// Collective. Rank 0 accepts size-1 peers on `listener`, which the others do not have; they
    /// connect to address:port. Connections that do not know `step_key` are dropped. A step of one
    /// rank has a channel without sockets or thread.
    static std::unique_ptr<ControlChannel> connect(const step::Step& step,
                                                   std::optional<Listener> listener,
                                                   const std::string& address, int port,
                                                   std::string_view step_key, Deadline deadline);
    ~ControlChannel() override;

    /// The channel over those who came, numbered by their places in `ranks`.
    struct Arrived {
        std::unique_ptr<ControlChannel> channel;
        std::vector<int> ranks;  ///< of the step, ascending, 0 first; the same on all of them
    };
    /// As connect(), but rank 0 goes on with those who came by the deadline. Errors: CommError on
    /// the others when rank 0 does not answer within `patience` after it.
    static Arrived connect_arrived(const step::Step& step, std::optional<Listener> listener,
                                   const std::string& address, int port, std::string_view step_key,
                                   Deadline deadline, Deadline patience);

    std::vector<std::string> all_gather(std::string_view mine, Deadline deadline) override;
    /// Everybody's blob on rank 0 (in rank order), nothing elsewhere.
    std::vector<std::string> gather(std::string_view mine, Deadline deadline);
    /// Rank 0's blob on every rank.
    std::string broadcast(std::string_view mine, Deadline deadline);
    /// The largest code of all ranks, on every rank.
    int agree(int code, Deadline deadline);

    /// Tells every rank that this one failed. Local, never throws, returns at once.
    void fail(int code, std::string_view text) noexcept;
    /// The failure that was announced, if any; cheap enough to poll in every wait.
    std::optional<Failure> failure() const;
    /// Throws PeerFailure when a peer has failed.
    void check() const;

    /// While it lives, `act` is called once, as soon as this rank has heard of a failure: at once
    /// when it has already, else from whatever thread hears of it. `act` must not block and must
    /// not call the channel. Once the destructor has returned, `act` does not run.
    class Alarm {
      public:
        Alarm(Alarm&& other) noexcept;
        Alarm& operator=(Alarm&&) = delete;
        ~Alarm();

      private:
        friend class ControlChannel;
        Alarm(const ControlChannel& channel, int number) : channel_(&channel), number_(number) {}
        const ControlChannel* channel_;
        int number_;
    };
    [[nodiscard]] Alarm on_failure(std::function<void()> act) const;

    /// Collective end: after it, a peer that closes its socket is no failure. Call last.
    void close(Deadline deadline);

  private:
    struct State;
    explicit ControlChannel(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace warpstep::comm
