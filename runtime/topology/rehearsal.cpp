// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/rehearsal.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "runtime/base/error.hpp"

namespace warpstep::topology {

namespace {

// The first byte that the child writes.
constexpr char succeeded = '+', bad_input = '-', other = '?';
constexpr unsigned patience_s = 30;

void die_quietly() {
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM})
        std::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    alarm(patience_s);
}

[[noreturn]] void be_the_child(int pipe, const std::function<void()>& work) {
    die_quietly();
    std::string verdict(1, succeeded);
    try {
        work();
    } catch (const ConfigError& error) {
        verdict = bad_input + std::string(error.what());
    } catch (...) {
        verdict = other;
    }
    const ssize_t written = ::write(pipe, verdict.data(), verdict.size());
    _exit(written < 0);
}

std::string read_all(int pipe) {
    std::string text;
    char piece[1024];
    ssize_t size = 0;
    while ((size = ::read(pipe, piece, sizeof piece)) > 0 || (size < 0 && errno == EINTR))
        if (size > 0) text.append(piece, static_cast<std::size_t>(size));
    return text;
}

}  // namespace

void rehearse(const std::string& path, const std::function<void()>& work) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    const pid_t child = fork();
    if (child == 0) be_the_child(ends[1], work);
    ::close(ends[1]);
    const std::string verdict = child < 0 ? std::string(1, other) : read_all(ends[0]);
    ::close(ends[0]);
    if (child > 0)
        while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
        }
    if (verdict.empty())
        fail<ConfigError>("{} makes hwloc crash (damaged); save it again with: lstopo {}", path,
                          path);
    if (verdict[0] == bad_input) throw ConfigError(verdict.substr(1));
}

}  // namespace warpstep::topology
