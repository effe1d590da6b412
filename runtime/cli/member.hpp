// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/cli/options.hpp"
#include "runtime/comm/exchange.hpp"
#include "runtime/comm/given_peers.hpp"
#include "runtime/step/local_ranks.hpp"
#include "runtime/step/pmix_session.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::cli {

/// This process as a member of its step, with the means to meet the others once.
struct Member {
    step::Step step;
    std::optional<step::PmixSession> session;       ///< under srun or mpirun
    std::optional<step::SharedMapping> shared;      ///< under --local-ranks
    std::vector<std::byte> alone;                   ///< a step of one task meets itself
    std::optional<comm::Seat> seat;                 ///< with WARPSTEP_PEERS: what it works with
    std::unique_ptr<comm::ControlChannel> channel;  ///< with WARPSTEP_PEERS: stands already
    std::unique_ptr<comm::Exchange> exchange;       ///< without `channel`

    /// Ends a step that cannot go on before the control channel stands. Without PMIx it returns,
    /// and exiting is enough.
    void end_step(int code, const std::string& why) noexcept;
};

/// Joins the step that this process was started in, or starts --local-ranks, or meets the peers
/// that WARPSTEP_PEERS names, whatever the launcher's variables say. Nothing: this is the parent of
/// local ranks, they have ended, and `exit_code` is theirs. Errors: EnvironmentError, ConfigError,
/// CommError; the caller's lines are already said.
std::unique_ptr<Member> join_ranks(int local_ranks, int& exit_code);

}  // namespace warpstep::cli
