// SPDX-License-Identifier: Apache-2.0
#include "runtime/lint/shell_commands.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace warpstep::check::lint;
using Words = std::vector<std::string>;

namespace {

Words first(const std::string& script) {
    const auto commands = shell_commands(script);
    return commands.empty() ? Words{} : commands.front().words;
}

}  // namespace

TEST_CASE("check: a shell command's words are those that the shell passes") {
    CHECK(first("srun -n4 python train.py") == Words{"srun", "-n4", "python", "train.py"});
    CHECK(first("srun  'a b' \"c d\" e\\ f") == Words{"srun", "a b", "c d", "e f"});
    CHECK(first("srun -n \\\n  4 x") == Words{"srun", "-n", "4", "x"});
    CHECK(first("echo $(hostname; date) ${A:-b c} `ls -l`") ==
          Words{"echo", "$(hostname; date)", "${A:-b c}", "`ls -l`"});
    CHECK(first("srun x > out 2>&1") == Words{"srun", "x", ">", "out", "2>&1"});
    CHECK(first("# a comment\n\n  srun x # and one") == Words{"srun", "x"});
}

TEST_CASE("check: lists, pipes and keywords are taken apart, lines are counted") {
    const auto commands =
        shell_commands("if true; then\n  srun a &\nfi\nA=1 B=2 srun b && c | d\nexec srun e\n");
    REQUIRE(commands.size() == 6);
    CHECK(commands[1].words == Words{"srun", "a"});
    CHECK(commands[1].background);
    CHECK(commands[1].line == 2);
    CHECK(commands[2].assignments.size() == 2);
    CHECK(commands[2].words == Words{"srun", "b"});
    CHECK_FALSE(commands[2].background);
    CHECK(commands[5].words == Words{"srun", "e"});
    CHECK(commands[5].line == 5);
}

TEST_CASE("check: the text of a here-document is no command") {
    const auto commands = shell_commands("cat <<EOF > x\nsrun not this\nEOF\nsrun this\n");
    REQUIRE(commands.size() == 2);
    CHECK(commands[1].words == Words{"srun", "this"});
    CHECK(commands[1].line == 4);
}

TEST_CASE("check: an unfinished script is read to its end") {
    for (const char* text : {"echo 'abc", "echo \"abc", "echo $(abc", "cat <<EOF\nabc", "a \\",
                             "echo `x", "&&&;;|", "\\"}) {
        CHECK_NOTHROW(shell_commands(text));
    }
}
