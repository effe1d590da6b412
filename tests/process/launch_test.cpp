// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/launch.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <iostream>

using namespace warpstep::process;

namespace {

struct Outcome {
    std::string output;
    int status = 0;
};

/// Runs `body` in a child whose stdout and stderr are read here.
template <typename Body>
Outcome in_child(Body body) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    std::cout.flush();  // or the child would say it again
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        ::_exit(body());
    }
    ::close(ends[1]);
    Outcome outcome;
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
        outcome.output.append(buffer.data(), static_cast<std::size_t>(n));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

int become_shell(const Inheritance& inherited, const char* script,
                 const std::vector<std::string>& environment) {
    std::array<std::string, 3> words{"sh", "-c", script};
    std::array<char*, 4> command{words[0].data(), words[1].data(), words[2].data(), nullptr};
    return become(command.data(), inherited, environment);
}

}  // namespace

TEST_CASE("process: changes replace, add and remove variables") {
    const std::vector<std::string> before{"A=1", "AB=2", "C=3"};
    const auto after = changed(before, {{"A", "x=y"}, {"C", "", true}, {"D", ""}, {"D", "4"}});
    CHECK(after == std::vector<std::string>{"AB=2", "A=x=y", "D=4"});
}

TEST_CASE("process: the command is what follows the first --") {
    std::array<const char*, 6> words{"warpstep", "exec", "--", "ls", "--", nullptr};
    char* const* argv = const_cast<char* const*>(words.data());
    CHECK(std::string(command_of(5, argv)[0]) == "ls");
    CHECK(command_of(3, argv) == nullptr);
    CHECK(command_of(2, argv) == nullptr);
}

TEST_CASE("process: the program gets the signal mask and the descriptors as they were") {
    const int users_file = ::open("/dev/null", O_RDONLY);
    const Outcome outcome = in_child([&] {
        const Inheritance inherited = remember_inheritance();
        sigset_t all;
        sigfillset(&all);
        ::sigprocmask(SIG_BLOCK, &all, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
        const int ours = ::open("/dev/null", O_RDONLY);
        const std::string script =
            "grep -E '^Sig(Blk|Ign)' /proc/self/status; test -e /proc/self/fd/" +
            std::to_string(users_file) + " && echo users; test -e /proc/self/fd/" +
            std::to_string(ours) + " || echo ours is closed";
        return become_shell(inherited, script.c_str(), inherited.environment);
    });
    ::close(users_file);
    CHECK(outcome.status == 0);
    CHECK(outcome.output.find("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n") == 0);
    CHECK(outcome.output.find("users\nours is closed\n") != std::string::npos);
}

TEST_CASE("process: a signal that was ignored stays ignored") {
    const Outcome outcome = in_child([] {
        ::signal(SIGUSR1, SIG_IGN);
        const Inheritance inherited = remember_inheritance();
        ::signal(SIGUSR1, SIG_DFL);
        return become_shell(inherited, "kill -USR1 $$; echo alive", inherited.environment);
    });
    CHECK(outcome.output == "alive\n");
}

TEST_CASE("process: what cannot be started gives a shell's codes and the reason") {
    const auto start = [](const char* name) {
        return in_child([name] {
            std::string word = name;
            std::array<char*, 2> command{word.data(), nullptr};
            return become(command.data(), remember_inheritance(), {"PATH=/usr/bin:/bin"});
        });
    };
    const Outcome missing = start("no-such-program-anywhere");
    CHECK(missing.status == 127);
    CHECK(missing.output.find("cannot start 'no-such-program-anywhere' (No such file") !=
          std::string::npos);
    CHECK(start("/etc/passwd").status == 126);
}

TEST_CASE("process: the program is looked for in the PATH it will have") {
    const Outcome outcome = in_child([] {
        ::setenv("PATH", "/nowhere", 1);
        const Inheritance inherited = remember_inheritance();
        return become_shell(inherited, "echo $X",
                            changed(inherited.environment, {{"PATH", "/bin"}, {"X", "found"}}));
    });
    CHECK(outcome.output == "found\n");
}
