// SPDX-License-Identifier: Apache-2.0
#include "kernels/memtest.hpp"

#include <chrono>
#include <mutex>
#include <thread>

#include "kernels/check.hpp"
#include "kernels/spin.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels::memtest {
namespace {

struct Report {
    std::int64_t errors = 0, first = -1;
    std::uint64_t mask = 0;

    void add(const Report& other) {
        errors += other.errors;
        mask |= other.mask;
        if (other.first >= 0 && (first < 0 || other.first < first)) first = other.first;
    }
};

void test(const Arguments& arguments, Pattern pattern, std::uint64_t seed, double seconds,
          const device::host::Cores& cores) {
    const Argument& buffer = arguments.buffer("buffer");
    // What was written has to be read from memory, not remembered.
    auto* words = static_cast<volatile std::uint64_t*>(buffer.data);
    const auto n = static_cast<std::int64_t>(buffer.bytes() / 8);
    Report report;
    std::mutex mutex;
    for (int phase = 0; phase < phases(pattern); ++phase) {
        const auto word = [&](std::int64_t i) {
            return word_of(pattern, phase, seed, static_cast<std::uint64_t>(i));
        };
        cores.for_range(n, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) words[i] = word(i);
        });
        if (seconds > 0) std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
        cores.for_range(n, [&](std::int64_t begin, std::int64_t end) {
            Report own;
            for (std::int64_t i = begin; i < end; ++i) {
                const std::uint64_t wrong = words[i] ^ word(i);
                if (wrong != 0) own.add({1, i, wrong});
            }
            const std::lock_guard lock(mutex);
            report.add(own);
        });
    }
    auto* out = static_cast<std::int64_t*>(arguments.buffer("report").data);
    out[0] = report.errors;
    out[1] = report.first;
    out[2] = static_cast<std::int64_t>(report.mask);
}

}  // namespace

void check_memtest(const Arguments& arguments) {
    const Argument& buffer = arguments.buffer("buffer");
    if (buffer.bytes() % 8 != 0) {
        fail<ConfigError>("'{}' has {} bytes (memory is tested in words of 8); use a multiple of 8",
                          buffer.name, buffer.bytes());
    }
    if (reinterpret_cast<std::uintptr_t>(buffer.data) % 8 != 0) {
        fail<ConfigError>(
            "'{}' does not begin at a multiple of 8 bytes (memory is tested in words "
            "of 8); give the whole buffer",
            buffer.name);
    }
    check_report(arguments.buffer("report"), 3);
    check_no_overlap(arguments, {"buffer", "report"});
}

void check_bit_fade(const Arguments& arguments) {
    check_memtest(arguments);
    check_spin(arguments);
}

void walking_bit(const Arguments& arguments, const device::host::Cores& cores) {
    test(arguments, Pattern::walking_bit, 0, 0, cores);
}
void own_address(const Arguments& arguments, const device::host::Cores& cores) {
    test(arguments, Pattern::own_address, 0, 0, cores);
}
void moving_inversions(const Arguments& arguments, const device::host::Cores& cores) {
    test(arguments, Pattern::moving_inversions, 0, 0, cores);
}
void random(const Arguments& arguments, const device::host::Cores& cores) {
    test(arguments, Pattern::random, static_cast<std::uint64_t>(arguments.number("seed")), 0,
         cores);
}
void bit_fade(const Arguments& arguments, const device::host::Cores& cores) {
    test(arguments, Pattern::bit_fade, 0, arguments.number("seconds"), cores);
}

}  // namespace warpstep::kernels::memtest
