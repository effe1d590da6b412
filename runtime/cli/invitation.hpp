// SPDX-License-Identifier: Apache-2.0
// How ranks find rank 0 through PMIx without a fence: it publishes where it listens, they ask.
#pragma once

#include <string>

#include "runtime/base/deadline.hpp"
#include "runtime/step/pmix_session.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::cli {

/// Where rank 0 listens, and what only the step's own tasks can know.
struct Invitation {
    std::string address;
    int port = 0;
    std::string token;
};

/// 128 random bits as text.
std::string random_token();

/// Rank 0's part. Local.
void publish(step::PmixSession& session, const Invitation& invitation);

/// The others' part. Blocking. A script may run several commands in one step; PMIx then hands out
/// the invitation of an earlier one until rank 0 has published the next, so it is asked for again
/// while nobody listens there. Errors: CommError when rank 0 has published nothing by the deadline.
Invitation ask_until_open(step::PmixSession& session, const step::Step& step, Deadline deadline);

}  // namespace warpstep::cli
