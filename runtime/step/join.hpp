// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "runtime/step/discover.hpp"
#include "runtime/step/pmix_session.hpp"

namespace warpstep::step {

/// Reads the variables, opens PMIx when there is a server, and identifies this task. Local and
/// blocking. `session` is filled before PMIx's facts are judged, so that a caller that catches a
/// refusal can end the peers, which would wait for this rank, through session->abort(). Errors:
/// EnvironmentError.
Identity join_step(std::optional<PmixSession>& session);

}  // namespace warpstep::step
