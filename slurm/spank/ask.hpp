// SPDX-License-Identifier: Apache-2.0
// Runs a program for its answer.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace warpstep::spank {

struct Question {
    std::vector<std::string> command;      ///< the first word is a path
    std::vector<std::string> environment;  ///< NAME=VALUE
    std::chrono::seconds deadline{60};
};

/// Blocking: what the program writes on stdout; it has this process's stderr, no stdin and default
/// signals. Whatever it started dies with it at the deadline. Errors: Failure when it cannot be
/// started, does not answer in time, says too much, or does not exit with 0.
std::string answer_to(const Question& question);

}  // namespace warpstep::spank
