// SPDX-License-Identifier: Apache-2.0
// Private to lint: its topics, by what they are about.
#pragma once

#include "runtime/lint/lint.hpp"

namespace warpstep::check::lint {

std::vector<Topic> launch_topics();  ///< how programs are started, signals
std::vector<Topic> grant_topics();   ///< GPUs and cores

/// A program that starts one process per GPU itself.
bool is_launcher(const std::string& program);
/// A program that users train with: python, a launcher, warpstep.
bool looks_like_work(const Launch& launch);
/// Of a launch through srun; nothing when it cannot be told.
std::optional<int> tasks_of(const Script& script, const Launch& launch);
std::optional<int> nodes_of(const Script& script, const Launch& launch);

}  // namespace warpstep::check::lint
