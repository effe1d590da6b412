// SPDX-License-Identifier: Apache-2.0
// How many files this process may have open.
#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <optional>

namespace warpstep::process {

/// The limits as they were before allow_open_files() changed them.
rlimit inherited_open_files();

/// What is wanted and what can be had.
struct OpenFileShortage {
    std::size_t needed = 0, hard = 0;
};

/// Makes room for `more` descriptors beside those that are open: raises the soft limit, never above
/// the hard one. The shortage when that is not enough; the limit stays then.
std::optional<OpenFileShortage> allow_open_files(std::size_t more);

/// Puts the soft limit back, for a program that follows.
void restore_open_files();

}  // namespace warpstep::process
