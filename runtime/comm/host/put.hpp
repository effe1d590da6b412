// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: how results leave a core for the memory of several ranks.
#pragma once

#include <cstddef>

namespace warpstep::comm::host {

/// Whether an operation that touches this many bytes is better off writing around the caches: what
/// it writes would have left them before anybody reads it, and would first have been fetched.
bool bypasses_caches(std::size_t touched_bytes);

/// Copies; the places do not overlap. `around` the caches, the bytes are visible to other ranks
/// only after finish_streaming().
void put(std::byte* to, const std::byte* from, std::size_t bytes, bool around);

}  // namespace warpstep::comm::host
