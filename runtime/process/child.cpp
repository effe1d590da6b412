// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

namespace warpstep::process {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds grace{2000}, slice{20};
constexpr std::size_t most_errors = 8 * 1024;

struct Pipe {
    int read = -1, write = -1;
    bool open() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return false;
        read = ends[0];
        write = ends[1];
        return true;
    }
    ~Pipe() {
        close_end(read);
        close_end(write);
    }
    static void close_end(int& end) {
        if (end >= 0) ::close(end);
        end = -1;
    }
};

std::vector<std::string> environment_with(const std::vector<std::string>& variables) {
    std::map<std::string, std::string> by_name;
    const auto take = [&](const std::string& entry) {
        by_name[entry.substr(0, entry.find('='))] = entry;
    };
    for (char** entry = environ; *entry != nullptr; ++entry) take(*entry);
    for (const std::string& entry : variables) take(entry);
    std::vector<std::string> all;
    for (auto& [name, entry] : by_name) all.push_back(std::move(entry));
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// Everything that the child needs, made before the fork: between fork and exec it may only call
/// what is safe in a signal handler.
struct Start {
    std::vector<std::string> words, environment;
    std::vector<char*> arguments, variables;
    std::vector<int> files;
    int in, out, errors, failure;
    pid_t parent;
};

[[noreturn]] void become_child(const Start& start) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != start.parent) ::_exit(127);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(start.in, 0);
    ::dup2(start.out, 1);
    ::dup2(start.errors, 2);
    for (const int file : start.files) ::fcntl(file, F_SETFD, 0);
    ::execvpe(start.arguments[0], start.arguments.data(), start.variables.data());
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(start.failure, &error, sizeof error);
    ::_exit(127);
}

/// Descriptors that nobody marked would stay open in the child and keep pipes from ending.
void close_on_exec_all() {
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}

/// Reads what is there; closes the end when the child has.
void drain(int& end, std::string& text) {
    char bytes[16 * 1024];
    const ssize_t count = ::read(end, bytes, sizeof bytes);
    if (count > 0) text.append(bytes, static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) Pipe::close_end(end);
}

void drain_rest(int& end, std::string& text) {
    pollfd rest{end, POLLIN, 0};
    while (end >= 0 && ::poll(&rest, 1, 0) > 0) drain(end, text);
}

/// Waits for the end of the child, reading what it says. False: the time is over.
bool follow_child(pid_t pid, Pipe& out, Pipe& errors, Clock::time_point until, int& status,
                  ChildEnd& end) {
    while (true) {
        pollfd ends[] = {{out.read, POLLIN, 0}, {errors.read, POLLIN, 0}};
        ::poll(ends, 2, static_cast<int>(slice.count()));
        if (ends[0].revents != 0) drain(out.read, end.output);
        if (ends[1].revents != 0) drain(errors.read, end.errors);
        if (end.errors.size() > most_errors) end.errors.erase(0, end.errors.size() - most_errors);
        const bool silent = ends[0].revents == 0 && ends[1].revents == 0;
        if (silent || (out.read < 0 && errors.read < 0)) {
            if (::waitpid(pid, &status, WNOHANG) == pid) return true;
            if (out.read < 0 && errors.read < 0) ::usleep(1000);
        }
        if (Clock::now() >= until) return false;
    }
}

}  // namespace

std::string explain(const ChildEnd& end, std::chrono::milliseconds limit) {
    const std::string seconds = std::to_string((limit.count() + 999) / 1000);
    switch (end.how) {
        case ChildEnd::How::overdue:
            return "did not end within " + seconds + " s" +
                   (end.stuck ? " and cannot be killed (it hangs in the kernel)" : "");
        case ChildEnd::How::killed:
            return "was killed by signal " + std::to_string(end.code);
        case ChildEnd::How::not_started:
            return std::string("could not be started (") + std::strerror(end.code) + ")";
        case ChildEnd::How::exited:
            break;
    }
    std::string last = end.errors;
    while (!last.empty() && last.back() == '\n') last.pop_back();
    last.erase(0, last.rfind('\n') + 1);
    return "ended with code " + std::to_string(end.code) + (last.empty() ? "" : ": " + last);
}

ChildEnd run_child(const ChildCommand& command, std::chrono::milliseconds limit) {
    ChildEnd end;
    Pipe in, out, errors, failure;
    if (!in.open() || !out.open() || !errors.open() || !failure.open()) {
        end.code = errno;
        return end;
    }
    Start start{command.words,
                environment_with(command.variables),
                {},
                {},
                command.files,
                in.read,
                out.write,
                errors.write,
                failure.write,
                ::getpid()};
    start.arguments = pointers(start.words);
    start.variables = pointers(start.environment);
    if (!command.input.empty()) {
        [[maybe_unused]] const auto n =
            ::write(in.write, command.input.data(), command.input.size());
    }
    close_on_exec_all();
    const pid_t pid = ::fork();
    if (pid < 0) {
        end.code = errno;
        return end;
    }
    if (pid == 0) become_child(start);
    ::setpgid(pid, pid);
    Pipe::close_end(in.write);
    Pipe::close_end(out.write);
    Pipe::close_end(errors.write);
    Pipe::close_end(failure.write);
    int status = 0;
    const bool ended = follow_child(pid, out, errors, Clock::now() + limit, status, end);
    if (!ended) {
        end.how = ChildEnd::How::overdue;
        ::kill(-pid, SIGKILL);
        const auto until = Clock::now() + grace;
        pid_t seen = 0;
        while ((seen = ::waitpid(pid, &status, WNOHANG)) == 0 && Clock::now() < until) {
            ::usleep(static_cast<useconds_t>(slice.count() * 1000));
        }
        end.stuck = seen == 0;
        return end;
    }
    ::kill(-pid, SIGKILL);  // what it has left behind
    drain_rest(out.read, end.output);
    drain_rest(errors.read, end.errors);
    int error = 0;
    if (::read(failure.read, &error, sizeof error) == static_cast<ssize_t>(sizeof error)) {
        end.how = ChildEnd::How::not_started;
        end.code = error;
        return end;
    }
    end.how = WIFEXITED(status) ? ChildEnd::How::exited : ChildEnd::How::killed;
    end.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    return end;
}

std::string own_program() {
    char path[4096];
    const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
    return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : "warpstep";
}

}  // namespace warpstep::process
