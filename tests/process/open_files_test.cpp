// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/open_files.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

using namespace warpstep::process;

namespace {

/// In a process of its own, whose limits are its own too: 0 when all is as expected.
int in_child(const std::function<bool()>& body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body() ? 0 : 1);
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

bool set_limits(rlim_t soft, rlim_t hard) {
    const rlimit limits{soft, hard};
    return ::setrlimit(RLIMIT_NOFILE, &limits) == 0;
}

rlim_t soft_now() {
    rlimit limits{};
    ::getrlimit(RLIMIT_NOFILE, &limits);
    return limits.rlim_cur;
}

}  // namespace

TEST_CASE("process: the soft limit of open files grows to what is needed, and can be put back") {
    CHECK(in_child([] {
              return set_limits(64, 1000) && !allow_open_files(200) && soft_now() >= 200 &&
                     soft_now() <= 1000 && inherited_open_files().rlim_cur == 64 &&
                     (restore_open_files(), soft_now() == 64);
          }) == 0);
    CHECK(in_child([] {
              return set_limits(500, 1000) && !allow_open_files(8) && soft_now() == 500;
          }) == 0);
}

TEST_CASE("process: a hard limit that is too low is told with what is needed") {
    CHECK(in_child([] {
              if (!set_limits(64, 100)) return false;
              const auto shortage = allow_open_files(200);
              return shortage && shortage->hard == 100 && shortage->needed > 200 &&
                     soft_now() == 64;
          }) == 0);
}
