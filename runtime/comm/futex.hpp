// SPDX-License-Identifier: Apache-2.0
// Private to comm: sleeping on a word that processes share.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <climits>
#include <cstdint>
#include <ctime>

namespace warpstep::comm {

/// Returns when the word is not `value` any more, when it is woken, or after `span` (below one
/// second), whichever comes first.
inline void sleep_while(std::atomic<std::uint32_t>& word, std::uint32_t value,
                        std::chrono::milliseconds span) {
    const timespec timeout{0, std::chrono::nanoseconds(span).count()};
    // Not FUTEX_PRIVATE: the word is shared between processes.
    ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT, value, &timeout,
              nullptr, 0);
}

inline void wake_all(std::atomic<std::uint32_t>& word) {
    ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, INT_MAX, nullptr,
              nullptr, 0);
}

}  // namespace warpstep::comm
