// SPDX-License-Identifier: Apache-2.0
// Whom a process may believe: files and folders that nobody but the caller and root can change.
#pragma once

#include <sys/stat.h>

#include <string>

namespace warpstep {

/// Whether a thing of this owner is the caller's (effective user) or root's.
bool is_ours_or_roots(uid_t owner);

/// Whether `link` (lstat) in the open folder `folder` can only have been put there by the caller or
/// root: both belong to one of them, and nobody else may write the folder.
bool is_safe_link(int folder, const struct stat& link);

/// Whether the open folder `folder` belongs to the caller and nobody else may write it.
bool is_ours_alone(int folder);

/// Why root should not load code from `path`, "" when it may: the file, and each folder on its real
/// way that exists, must belong to root and be writable for root alone (a sticky folder such as
/// /tmp may be on the way, because only its owner can replace what lies in it).
std::string why_not_roots(const std::string& path);

/// For root: takes the variables that name code to load (WARPSTEP_*_LIBRARY, WARPSTEP_MODULE_DIR)
/// out of the environment when why_not_roots() has something to say, with a warning each. For
/// others: nothing. Call once, before threads exist.
void forget_untrusted_libraries();

}  // namespace warpstep
