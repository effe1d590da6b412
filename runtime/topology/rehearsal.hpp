// SPDX-License-Identifier: Apache-2.0
// Private to the room: hwloc trusts its XML and dies of some files, and says what it dislikes on
// standard error. Both stay in a process that reads the file first.
#pragma once

#include <functional>
#include <string>

namespace warpstep::topology {

/// Does `work` in a child process that is silent. Returns when it succeeded there, so that doing it
/// here will succeed as well.
/// Errors: the ConfigError that `work` threw; ConfigError that names `path` when the child died or
/// took more than 30 seconds. Other errors, and a system that cannot fork, are left to the caller's
/// own attempt.
void rehearse(const std::string& path, const std::function<void()>& work);

}  // namespace warpstep::topology
