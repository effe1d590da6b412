// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/stop_signal.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <initializer_list>

using namespace warpstep::step;

namespace {

// The flag lives as long as the process, so each case has its own.
template <typename Body>
int exit_code_of_child(Body&& body) {
    std::fflush(nullptr);  // or a child would print the buffers again
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("step: nobody has asked to stop at the start") {
    CHECK_FALSE(stop_requested());
    CHECK(stop_signal() == 0);
}

TEST_CASE("step: a stop signal sets the flag and is remembered") {
    for (const int signal : {SIGTERM, SIGINT}) {
        CAPTURE(signal);
        CHECK(exit_code_of_child([signal] {
                  install_stop_signals();
                  ::raise(signal);
                  return stop_requested() ? stop_signal() : 99;
              }) == signal);
    }
}

TEST_CASE("step: the first stop signal is the one that counts") {
    CHECK(exit_code_of_child([] {
              install_stop_signals();
              ::raise(SIGINT);
              ::raise(SIGTERM);
              return stop_signal();
          }) == SIGINT);
}

TEST_CASE("step: without the handlers a stop signal ends the process") {
    CHECK(exit_code_of_child([] {
              ::signal(SIGTERM, SIG_DFL);  // doctest has a handler
              ::raise(SIGTERM);
              return 0;
          }) == 128 + SIGTERM);
}
