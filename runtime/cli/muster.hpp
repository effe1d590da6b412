// SPDX-License-Identifier: Apache-2.0
// How the ranks of `check` come together: a rank that does not come, and a step without PMIx, are
// something to report, not the end.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "runtime/check/rank_facts.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::cli {

/// The ranks that came, as far as this one knows.
struct Muster {
    step::Step step;                                ///< the whole step as the launcher serves it
    step::Step present;                             ///< those who came, as a step of their own
    std::unique_ptr<comm::ControlChannel> channel;  ///< over them, numbered as in `present`
    check::PmixAnswer pmix;
    std::vector<int> silent;  ///< ranks that did not come
    std::string silence;      ///< who they are and how long they were waited for
    /// Why this task could not meet the others and speaks for itself alone; "" when it could.
    std::string alone_because;
    bool speaks = true;  ///< it reports: rank 0, or the task that stands for others like it
    int channel_rank() const { return present.rank; }
};

/// Nothing: this is the parent of --local-ranks, they have ended, `exit_code` is theirs.
/// Collective over the step, blocking for `patience` at most (and a few seconds to close PMIx).
/// Nothing is thrown for what the launcher or a peer did wrong. Errors: ConfigError for
/// --local-ranks under a launcher.
std::unique_ptr<Muster> muster(int local_ranks, std::chrono::milliseconds patience, int& exit_code);

}  // namespace warpstep::cli
