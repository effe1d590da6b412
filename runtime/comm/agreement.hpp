// SPDX-License-Identifier: Apache-2.0
// Local phases that may refuse: either every rank goes on, or every rank stops with the same code.
#pragma once

#include <functional>
#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/comm/control_channel.hpp"

namespace warpstep::comm {

/// Thrown on every rank when at least one refused.
struct Refusal : Error {
    Refusal(ExitCode code, const std::string& text, bool speaker)
        : Error(code, text), is_speaker(speaker) {}
    /// True on one rank for each different text: the one that says it.
    bool is_speaker;
};

/// Collective. Runs `body` on this rank; when it throws an Error on any rank, throws Refusal on
/// all, with the largest code and the text of this rank or, where it had none to say, of the lowest
/// rank that did.
void agreed(ControlChannel& channel, int rank, Deadline deadline,
            const std::function<void()>& body);

}  // namespace warpstep::comm
