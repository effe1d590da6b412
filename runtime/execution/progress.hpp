// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace warpstep::execution {

/// One line on a terminal that says how far long work is: shown after two seconds, at most four
/// times a second, removed at the end. Silent when stderr is no terminal or on other ranks than 0.
class Progress {
  public:
    explicit Progress(bool shown);
    /// Nobody watches: for tests and for ranks other than 0.
    static Progress silent() { return Progress(false); }
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    Progress(Progress&& other) noexcept;

    void update(std::string_view what, std::int64_t done, std::int64_t total) {
        if (shown_) show(what, done, total);
    }
    void clear();

  private:
    void show(std::string_view what, std::int64_t done, std::int64_t total);

    using Clock = std::chrono::steady_clock;
    bool shown_;
    bool on_screen_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_{};
};

}  // namespace warpstep::execution
