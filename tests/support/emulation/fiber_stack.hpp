// SPDX-License-Identifier: Apache-2.0
// Stacks of fibers, and what AddressSanitizer has to be told about them; private to block.cpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace warpstep::emulation {

/// The stack that the fibers were entered from.
struct CallerStack {
    const void* bottom = nullptr;
    std::size_t size = 0;
    void* fake = nullptr;  ///< AddressSanitizer's own

    template <typename Other>
    void leave_for([[maybe_unused]] const Other& other) {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(&fake, other.bottom(), Other::bytes);
#endif
    }
    template <typename Other>
    void arrive_from(const Other&) {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
    }
};

class Stack {
  public:
    static constexpr std::size_t bytes = 128 * 1024;

    Stack() : memory_(new char[bytes]) { std::memcpy(memory_.get(), &mark, sizeof mark); }
    char* bottom() const { return memory_.get(); }
    /// False when something has been written below its end.
    bool sound() const { return std::memcmp(memory_.get(), &mark, sizeof mark) == 0; }

    void leave_for([[maybe_unused]] const CallerStack& caller) {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(&fake_, caller.bottom, caller.size);
#endif
    }
    void arrive_from([[maybe_unused]] CallerStack& caller) {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(fake_, &caller.bottom, &caller.size);
#endif
    }

  private:
    static constexpr std::uint64_t mark = 0x57a6'c0de'57a6'c0de;
    std::unique_ptr<char[]> memory_;
    [[maybe_unused]] void* fake_ = nullptr;
};

/// While it lives, what lies beyond `used` bytes of the memory is an error to touch.
class PoisonedEnd {
  public:
    PoisonedEnd([[maybe_unused]] unsigned char* memory, [[maybe_unused]] std::size_t bytes,
                [[maybe_unused]] std::size_t used)
        : begin_(memory + std::min(used, bytes)), bytes_(bytes - std::min(used, bytes)) {
#if defined(__SANITIZE_ADDRESS__)
        __asan_poison_memory_region(begin_, bytes_);
#endif
    }
    ~PoisonedEnd() {
#if defined(__SANITIZE_ADDRESS__)
        __asan_unpoison_memory_region(begin_, bytes_);
#endif
    }
    PoisonedEnd(const PoisonedEnd&) = delete;
    PoisonedEnd& operator=(const PoisonedEnd&) = delete;

  private:
    unsigned char* begin_;
    std::size_t bytes_;
};

}  // namespace warpstep::emulation
