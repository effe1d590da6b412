// SPDX-License-Identifier: Apache-2.0
// SIGTERM and SIGINT as a flag that every wait polls, so that a stopped rank still says what it was
// doing.
#pragma once

namespace warpstep::step {

/// From now on SIGTERM and SIGINT only set a flag. Call once, in main, before threads exist.
/// Errors: LogicError when the system refuses.
void install_stop_signals();

bool stop_requested();
/// The first signal that asked, 0 when none did.
int stop_signal();

}  // namespace warpstep::step
