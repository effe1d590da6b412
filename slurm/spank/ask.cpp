// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/ask.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "runtime/process/failure.hpp"

namespace warpstep::spank {
namespace {

using process::Failure;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_bytes = 1 << 20;

/// An exit code that no answer has: execve failed.
constexpr int not_started = 127;

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

void reset_signals() {
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// The child's side. A process group of its own, so that all it starts can be ended at once.
[[noreturn]] void become(char* const* command, char* const* environment, int output) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    reset_signals();
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::execve(command[0], command, environment);
    ::_exit(not_started);
}

/// A running program and its stdout.
class Program {
  public:
    explicit Program(const Question& question)
        : name_(question.command.front()),
          deadline_(question.deadline),
          end_(Clock::now() + deadline_) {
        const auto command = pointers(question.command);
        const auto environment = pointers(question.environment);
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) refuse("cannot open a pipe for", errno);
        pid_ = ::fork();
        if (pid_ == 0) become(command.data(), environment.data(), ends[1]);
        const int reason = errno;
        ::close(ends[1]);
        output_ = ends[0];
        if (pid_ > 0) {
            ::setpgid(pid_, pid_);  // whichever of the two is first
            return;
        }
        ::close(output_);
        refuse("cannot start", reason);
    }
    ~Program() {
        ::close(output_);
        if (ended_) return;
        ::kill(-pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    std::string read() {
        std::string text;
        std::array<char, 4096> bytes{};
        for (;;) {
            await_output();
            const ssize_t count = ::read(output_, bytes.data(), bytes.size());
            if (count == 0) return text;
            if (count > 0) text.append(bytes.data(), static_cast<std::size_t>(count));
            if (text.size() > most_bytes) throw Failure(name_ + " says more than anybody reads");
        }
    }

    /// Its status as waitpid() has it.
    int end() {
        int status = 0;
        for (;;) {
            const pid_t pid = ::waitpid(pid_, &status, WNOHANG);
            ended_ = pid == pid_;
            if (ended_) return status;
            if (pid < 0 && errno != EINTR) refuse("cannot wait for", errno);
            if (Clock::now() >= end_) too_late();
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

  private:
    [[noreturn]] void refuse(const char* what, int reason) const {
        throw Failure(std::string(what) + " " + name_ + " (" + std::strerror(reason) + ")");
    }
    [[noreturn]] void too_late() const {
        throw Failure(name_ + " did not answer in " + std::to_string(deadline_.count()) +
                      " s; see what it said, or raise timeout= in plugstack.conf");
    }

    void await_output() {
        for (;;) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
            if (left.count() <= 0) too_late();
            pollfd output{output_, POLLIN, 0};
            if (::poll(&output, 1, static_cast<int>(left.count()) + 1) > 0) return;
        }
    }

    const std::string name_;
    const std::chrono::seconds deadline_;
    const Clock::time_point end_;
    pid_t pid_ = 0;
    int output_ = -1;
    bool ended_ = false;
};

}  // namespace

std::string answer_to(const Question& question) {
    Program program(question);
    std::string text = program.read();
    const int status = program.end();
    const std::string& name = question.command.front();
    if (WIFSIGNALED(status))
        throw Failure(name + " was killed by signal " + std::to_string(WTERMSIG(status)));
    if (WEXITSTATUS(status) == not_started)
        throw Failure("cannot start " + name + "; install it on this node");
    if (WEXITSTATUS(status) != 0)
        throw Failure(name + " ended with code " + std::to_string(WEXITSTATUS(status)) +
                      "; see what it said");
    return text;
}

}  // namespace warpstep::spank
