// SPDX-License-Identifier: Apache-2.0
// The one connection of this process to the launcher's PMIx server.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/step/pmix_facts.hpp"

namespace warpstep::step {

/// How a collected fence ended. Only `done` lets a rank go on; the others are fatal and never
/// retried, because ranks may then disagree about which fence is the next one.
struct FenceEnd {
    enum class How { done, overdue, cancelled, failed };
    How how = How::done;
    std::string reason;  ///< PMIx's own words when it failed
};

/// Whether a lookup may wait for a peer's server.
enum class Reach {
    known,  ///< only what a collected fence has brought to this node; never waits for a peer
    peers,  ///< asks the other nodes, which answer when the rank has committed the key
    anew  ///< asks them again, whatever has come before: a program that ran earlier in the step may
          ///< have left an older value
};

/// A rank must not leave the process while the session is open: Slurm then kills the step after a
/// second and loses the exit code. Leave through finalize() when all is well or the peers can learn
/// of the end by another way, through abort() when they cannot. The destructor finalizes, so an
/// exception that passes it leaves peers waiting: abort() first. Threads: one thread calls. Not for
/// use across fork().
class PmixSession {
  public:
    /// Blocking, local. Nothing: no PMIx server. Start it before binding, because its thread
    /// inherits the mask of this one. Errors: EnvironmentError when there is a server but the
    /// connection fails.
    static std::optional<PmixSession> open();

    PmixSession(PmixSession&&) noexcept;
    PmixSession& operator=(PmixSession&&) noexcept;
    ~PmixSession();

    const std::string& name_space() const;
    int rank() const;
    /// Linux thread ids that PMIx started, which run outside this task's binding.
    const std::vector<int>& threads() const;
    /// Errors: EnvironmentError.
    PmixFacts facts() const;

    /// Bytes for all ranks under `key`, sent by commit(). Put little: every later fence carries it
    /// again.
    void put(const std::string& key, std::string_view bytes);
    void commit();
    /// Collective. Brings what was committed to all ranks, and is the only fence here: one without
    /// data is no barrier between nodes. `cancelled` is polled while waiting.
    FenceEnd fence(Deadline deadline, const std::function<bool()>& cancelled);
    /// The values of `key` of `ranks`, in that order; nothing for each that had not come by the
    /// deadline. Asked with Reach::peers before or instead of a fence, the empty places name the
    /// ranks that never came.
    std::vector<std::optional<std::string>> collect(const std::string& key,
                                                    const std::vector<int>& ranks, Reach reach,
                                                    Deadline deadline);

    /// Closes the session; later calls do nothing. From then on the death of a rank does not end
    /// its peers.
    void finalize() noexcept;
    /// Ends every rank of the step at once, by SIGKILL under Slurm; the step's exit code is `code`,
    /// see abort_code().
    [[noreturn]] void abort(int code, const std::string& message) noexcept;

  private:
    struct State;
    explicit PmixSession(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Slurm keeps the low 8 bits, and 0 would read as a success: 1..255, where 0 and its like
/// become 1.
int abort_code(int code);

}  // namespace warpstep::step
