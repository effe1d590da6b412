// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/child.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>

using namespace std::chrono_literals;
using warpstep::process::ChildEnd;
using warpstep::process::run_child;

namespace {

ChildEnd shell(const std::string& text, std::chrono::milliseconds limit = 20s) {
    return run_child({{"sh", "-c", text}, {}, {}, ""}, limit);
}

}  // namespace

TEST_CASE("process: a child's output, errors and code come back") {
    const ChildEnd end = shell("echo one; echo two >&2; exit 7");
    CHECK(end.how == ChildEnd::How::exited);
    CHECK(end.code == 7);
    CHECK(end.output == "one\n");
    CHECK(end.errors == "two\n");
    CHECK(explain(end, 20s) == "ended with code 7: two");
}

TEST_CASE("process: a child's output may be longer than a pipe holds") {
    const ChildEnd end = shell("head -c 1000000 /dev/zero");
    CHECK(end.ok());
    CHECK(end.output.size() == 1'000'000);
}

TEST_CASE("process: a child that hangs is killed with its children, and named") {
    const ChildEnd end = shell("echo $$; sleep 100 & sleep 100", 300ms);
    CHECK(end.how == ChildEnd::How::overdue);
    CHECK_FALSE(end.stuck);
    CHECK(explain(end, 300ms) == "did not end within 1 s");
    const int group = std::stoi(end.output);
    for (int i = 0; i < 100 && ::kill(-group, 0) == 0; ++i) ::usleep(20'000);
    CHECK(::kill(-group, 0) != 0);
}

TEST_CASE("process: a child that is killed says by which signal") {
    const ChildEnd end = shell("kill -SEGV $$");
    CHECK(end.how == ChildEnd::How::killed);
    CHECK(end.code == SIGSEGV);
}

TEST_CASE("process: a program that is not there is not started") {
    const ChildEnd end = run_child({{"/nonexistent/program"}, {}, {}, ""}, 5s);
    CHECK(end.how == ChildEnd::How::not_started);
    CHECK(explain(end, 5s) == "could not be started (No such file or directory)");
}

TEST_CASE("process: a child reads its input and has its variables") {
    const ChildEnd end =
        run_child({{"sh", "-c", "cat; echo $WORD"}, {"WORD=seven"}, {}, "input "}, 20s);
    CHECK(end.output == "input seven\n");
}

TEST_CASE("process: without input a child reads an end of file") {
    CHECK(shell("cat").ok());
}

TEST_CASE("process: a child keeps the descriptors that it is given, and no other") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const ChildEnd kept = run_child(
        {{"sh", "-c", "echo hello >&" + std::to_string(ends[1])}, {}, {ends[1]}, ""}, 20s);
    CHECK(kept.ok());
    char text[6] = {};
    CHECK(::read(ends[0], text, 6) == 6);
    const ChildEnd lost = shell("test ! -e /proc/self/fd/" + std::to_string(ends[0]));
    CHECK(lost.ok());
    ::close(ends[0]);
    ::close(ends[1]);
}
