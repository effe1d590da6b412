// SPDX-License-Identifier: Apache-2.0
// From this program to the user's: what was inherited is handed on as it came.
#pragma once

#include <signal.h>

#include <string>
#include <vector>

namespace warpstep::process {

/// What a program inherits besides its environment.
struct Inheritance {
    sigset_t blocked;                      ///< signal mask
    std::vector<int> ignored;              ///< signals that were ignored
    std::vector<int> files;                ///< open descriptors
    std::vector<std::string> environment;  ///< NAME=VALUE
};

/// Call first in main, before anything opens a file or changes a variable.
Inheritance remember_inheritance();

/// NAME=VALUE; a value of nothing removes the variable.
struct Change {
    std::string name, value;
    bool remove = false;
};

/// The inherited environment with the changes.
std::vector<std::string> changed(std::vector<std::string> environment,
                                 const std::vector<Change>& changes);

/// Restores the signal mask, ignored signals and the limit of open files, closes (on exec) every
/// descriptor that was not inherited, and becomes the command, which is looked for in the PATH of
/// the new environment. Returns only when that fails: prints why and gives 127 (not found) or 126
/// (found, but the system refuses), as shells do.
int become(char* const* command, const Inheritance& inherited,
           const std::vector<std::string>& environment);

/// The command after "--", nullptr without one.
char* const* command_of(int argc, char* const* argv);

}  // namespace warpstep::process
