// SPDX-License-Identifier: Apache-2.0
// The log of a rank on stderr. Rank and node are added here, once, so that no message needs to name
// its sender.
#pragma once

#include <string>
#include <string_view>

namespace warpstep::log {

/// Sets who speaks: "rank 3 on n2". Call once the step is known; before that, lines carry only
/// "warpstep".
void set_speaker(const std::string& speaker);
/// Shows debug lines too (WARPSTEP_LOG=debug does the same).
void set_verbose(bool verbose);

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
/// The one line of a failure.
void error(std::string_view message);

}  // namespace warpstep::log
