// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/open_files.hpp"

#include <dirent.h>

#include <algorithm>

namespace warpstep::process {
namespace {

// Libraries open some of their own.
constexpr std::size_t spare = 16;

rlimit limits_now() {
    rlimit limits{};
    ::getrlimit(RLIMIT_NOFILE, &limits);
    return limits;
}

std::size_t open_now(const rlimit& limits) {
    DIR* folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) return static_cast<std::size_t>(limits.rlim_cur);  // not even one more
    std::size_t count = 0;
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    return count;
}

}  // namespace

rlimit inherited_open_files() {
    static const rlimit limits = limits_now();
    return limits;
}

std::optional<OpenFileShortage> allow_open_files(std::size_t more) {
    inherited_open_files();
    rlimit limits = limits_now();
    const std::size_t needed = open_now(limits) + more + spare;
    if (needed <= limits.rlim_cur) return std::nullopt;
    if (needed > limits.rlim_max) {
        return OpenFileShortage{needed, static_cast<std::size_t>(limits.rlim_max)};
    }
    limits.rlim_cur = std::min<rlim_t>(limits.rlim_max, needed + needed / 2);
    ::setrlimit(RLIMIT_NOFILE, &limits);
    return std::nullopt;
}

void restore_open_files() {
    rlimit limits = limits_now();
    limits.rlim_cur = std::min(inherited_open_files().rlim_cur, limits.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limits);
}

}  // namespace warpstep::process
