// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/ask.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "runtime/process/failure.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep::spank;
using warpstep::process::Failure;

namespace {

Question shell(const std::string& script) {
    return {{"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin", "NAME=value"}};
}

std::string refusal(Question question) {
    try {
        return "answered '" + answer_to(question) + "'";
    } catch (const Failure& failure) {
        return failure.what();
    }
}

bool has_ended(pid_t pid) {
    // A killed process is there until its parent has noticed.
    for (int i = 0; i < 1000; ++i) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string number, name, state;
        if (!(file >> number >> name >> state) || state == "Z") return true;
        ::usleep(1000);
    }
    return false;
}

}  // namespace

TEST_CASE("spank: the answer is all of stdout, from the environment that was given") {
    CHECK(answer_to(shell("echo $NAME; env | wc -l")).find("value\n") == 0);
    CHECK(answer_to(shell("")).empty());
    CHECK(answer_to(shell("head -c 100000 /dev/zero")).size() == 100000);
}

TEST_CASE("spank: the program cannot read what is meant for the task") {
    CHECK(answer_to(shell("cat; echo end")) == "end\n");
}

TEST_CASE("spank: the program has default signals") {
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    CHECK(answer_to(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f2")) ==
          "0000000000000000\n0000000000000000\n");
    ::sigprocmask(SIG_UNBLOCK, &term, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
}

TEST_CASE("spank: no answer says why") {
    CHECK(refusal(shell("echo half; exit 5")) == "/bin/sh ended with code 5; see what it said");
    CHECK(refusal(shell("kill -SEGV $$")) == "/bin/sh was killed by signal 11");
    CHECK(refusal({{"/no/program"}, {}}) == "cannot start /no/program; install it on this node");
    CHECK(refusal(shell("yes")) == "/bin/sh says more than anybody reads");
}

TEST_CASE("spank: at the deadline the program ends with all it started") {
    const warpstep::test::TemporaryFolder folder;
    for (const char* silence : {"", "exec >&-; "}) {
        Question question = shell(std::string(silence) + "sleep 1000 & echo $! $$ >" +
                                  (folder / "pids") + "; wait");
        question.deadline = std::chrono::seconds(1);
        CHECK(refusal(question).find("/bin/sh did not answer in 1 s") == 0);
        std::ifstream file(folder / "pids");
        pid_t child = 0, parent = 0;
        file >> child >> parent;
        REQUIRE(file.good());
        CHECK(has_ended(child));
        CHECK(has_ended(parent));
    }
}
