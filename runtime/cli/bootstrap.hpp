// SPDX-License-Identifier: Apache-2.0
// From ranks that know only themselves to ranks with a control channel: one record, one collected
// fence, the same checks everywhere, the channel, then the end of PMIx.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cli/member.hpp"
#include "runtime/cli/options.hpp"
#include "runtime/cli/prepare.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/comm/record.hpp"

namespace warpstep::cli {

/// What every later room talks through.
struct Peers {
    std::vector<comm::Record> records;  ///< by rank
    std::unique_ptr<comm::ControlChannel> channel;
    /// How long ranks wait for each other from here on. Long, because ranks may have different
    /// work; a peer that dies ends the wait at once.
    std::chrono::seconds patience;
    Deadline deadline() const { return Deadline::in(patience); }
    /// Of the roots, in rank order.
    std::vector<std::string> nccl_ids() const;
    /// Another rank of the node has the same GPU.
    bool shares_gpu(int rank) const;
};

/// The step ends here for all ranks alike; `lines` are for this rank to say (often none), `why` is
/// for its report.
struct Ended {
    int code = 3;
    std::vector<std::string> lines;
    std::string why;
};

/// Collective. `mine` is this rank's record. Returns either the peers or how the step ended; PMIx
/// is finalized in both cases. Errors: CommError naming missing ranks when somebody did not arrive
/// (the step must then be ended by the caller).
std::optional<Peers> connect_peers(Member& member, comm::Record mine, int share,
                                   const RunOptions& options, Ended& ended);

}  // namespace warpstep::cli
