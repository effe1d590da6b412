// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

namespace warpstep::execution {
namespace {

constexpr int bar_width = 30;

}  // namespace

Progress::Progress(bool shown) : shown_(shown && ::isatty(STDERR_FILENO) == 1) {}

Progress::Progress(Progress&& other) noexcept
    : shown_(std::exchange(other.shown_, false)),
      on_screen_(std::exchange(other.on_screen_, false)),
      start_(other.start_),
      last_(other.last_) {}

Progress::~Progress() {
    clear();
}

void Progress::show(std::string_view what, std::int64_t done, std::int64_t total) {
    if (total <= 0) return;
    const auto now = Clock::now();
    if (now - start_ < std::chrono::seconds(2) || now - last_ < std::chrono::milliseconds(250))
        return;
    last_ = now;
    on_screen_ = true;
    const auto filled =
        static_cast<int>(std::clamp<std::int64_t>(bar_width * done / total, 0, bar_width));
    const double seconds = std::chrono::duration<double>(now - start_).count();
    fmt::print(stderr, "\r{} [{:#<{}}{:.<{}}] {}/{}  {:.0f} s\x1b[K", what, "", filled, "",
               bar_width - filled, done, total, seconds);
    std::fflush(stderr);
}

void Progress::clear() {
    if (!on_screen_) return;
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    on_screen_ = false;
}

}  // namespace warpstep::execution
