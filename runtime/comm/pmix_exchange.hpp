// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "runtime/comm/exchange.hpp"
#include "runtime/step/pmix_session.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm {

/// Exchange through the launcher's PMIx server: one put and one collected fence. Borrows session
/// and step. PMIx sends everything again in each fence, so this is for the bootstrap, not for the
/// run. Errors: CommError at the deadline and after SIGTERM or SIGINT (see step/stop_signal.hpp),
/// naming the ranks that never arrived. It is fatal: the caller must end the step through
/// session.abort().
class PmixExchange final : public Exchange {
  public:
    PmixExchange(step::PmixSession& session, const step::Step& step)
        : session_(session), step_(step) {}

    std::vector<std::string> all_gather(std::string_view mine, Deadline deadline) override;

  private:
    using Values = std::vector<std::optional<std::string>>;  ///< one place per rank

    /// Fills the empty places of `known`.
    Values values_of(const std::string& key, Values known, step::Reach reach,
                     std::chrono::milliseconds limit);
    [[noreturn]] void refuse_missing(const std::vector<int>& missing, const step::FenceEnd& end,
                                     double waited_s) const;

    step::PmixSession& session_;
    const step::Step& step_;
    int calls_ = 0;
};

}  // namespace warpstep::comm
