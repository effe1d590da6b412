// SPDX-License-Identifier: Apache-2.0
#include "kernels/spin.hpp"

#include <chrono>

#include "runtime/base/error.hpp"

namespace warpstep::kernels {

void check_spin(const Arguments& arguments) {
    const double seconds = arguments.number("seconds");
    if (!(seconds >= 0 && seconds <= 3600)) {
        fail<ConfigError>("'seconds' is {} (0 to 3600 are possible); give another time", seconds);
    }
}

void spin(const Arguments& arguments, const device::host::Cores&) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(arguments.number("seconds"));
    while (Clock::now() < end) {
    }
}

}  // namespace warpstep::kernels
