// SPDX-License-Identifier: Apache-2.0
// The commands of a shell script, as far as they can be told without running it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warpstep::check::lint {

struct Assignment {
    std::string name, value;
};

/// One simple command. Words are as the shell would pass them where nothing is expanded; "$X"
/// stays.
struct Command {
    int line = 0;                         ///< where it begins, from 1
    std::vector<Assignment> assignments;  ///< before the command, or all of it
    std::vector<std::string> words;
    bool background = false;  ///< followed by &

    /// "srun" of "/usr/bin/srun", "" without words.
    std::string name() const;
};

/// Simple commands in the order of the text: joined lines, quotes, comments, pipes, lists and
/// here-documents are understood; keywords (if, then, do, !, {, time, exec, nohup) before a command
/// are dropped. Substitutions are left as text. Never fails: what it does not understand it splits
/// at blanks.
std::vector<Command> shell_commands(std::string_view script);

}  // namespace warpstep::check::lint
