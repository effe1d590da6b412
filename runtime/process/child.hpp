// SPDX-License-Identifier: Apache-2.0
// A program run for its output, within a time limit: what may hang (a driver, a probe) hangs there.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace warpstep::process {

struct ChildEnd {
    enum class How { exited, killed, overdue, not_started };
    How how = How::not_started;
    int code = 0;        ///< exit code, or the signal that killed it, or errno of not_started
    bool stuck = false;  ///< overdue, and not even SIGKILL ended it: it hangs in the kernel
    std::string output;  ///< its stdout, complete or up to its end
    std::string errors;  ///< its stderr, the last 8 KiB

    bool ok() const { return how == How::exited && code == 0; }
};

/// "did not end within 20 s", "was killed by signal 9", "ended with code 3: <last line of stderr>"
std::string explain(const ChildEnd& end, std::chrono::milliseconds limit);

struct ChildCommand {
    std::vector<std::string>
        words;  ///< the program (searched in PATH without a slash) and arguments
    std::vector<std::string> variables;  ///< NAME=VALUE, added to or put in the place of ours
    std::vector<int>
        files;          ///< descriptors that it keeps; all but stdin, stdout, stderr are closed
    std::string input;  ///< its stdin; empty: an end of file at once
};

/// Blocking, at most `limit` and two seconds. The child stands in a process group of its own, which
/// is killed as a whole when the time is over, and dies with this thread. Safe with other threads
/// running. Marks every descriptor of this process above 2 close-on-exec. `input` must fit into a
/// pipe (64 KiB). Errors: none are thrown.
ChildEnd run_child(const ChildCommand& command, std::chrono::milliseconds limit);

/// The path of this program, for children that are the program itself.
std::string own_program();

}  // namespace warpstep::process
