// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/stop_signal.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>

#include "runtime/base/error.hpp"

namespace warpstep::step {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<int> first_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a handler may only touch lock-free atomics");

void remember(int signal) {
    int none = 0;
    first_signal.compare_exchange_strong(none, signal);
}

}  // namespace

void install_stop_signals() {
    struct sigaction action {};
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;  // libraries that we call do not all expect EINTR; our waits poll
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGTERM, SIGINT}) {
        if (::sigaction(signal, &action, nullptr) != 0) {
            fail<LogicError>("cannot handle signal {} ({})", signal, std::strerror(errno));
        }
    }
}

bool stop_requested() {
    return first_signal.load() != 0;
}
int stop_signal() {
    return first_signal.load();
}

}  // namespace warpstep::step
