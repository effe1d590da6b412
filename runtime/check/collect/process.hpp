// SPDX-License-Identifier: Apache-2.0
// Private to the room: one process as /proc tells of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/check/collect.hpp"

namespace warpstep::check {

/// The Slurm job and step that a process belongs to, "" where nothing tells.
struct Membership {
    std::string job, step;
};

/// From a cgroup's path, "/…/job_48/step_0/user/task_1" or "/…/job_48/step_batch".
/// Source: Slurm, src/plugins/cgroup.
Membership membership_in(std::string_view cgroup);

/// The path in the text of /proc/PID/cgroup that names a job; "" without one.
std::string job_cgroup(std::string_view text);

/// By its cgroup, else by its environment.
Membership membership_of(const Sources& sources, std::int64_t pid);

std::string process_folder(const Sources& sources, std::int64_t pid);
/// The words joined by blanks; the name in brackets where there are none (kernel threads).
std::string command_of(const Sources& sources, std::int64_t pid);
/// Nothing where it is not readable or the process has ended.
std::optional<std::map<std::string, std::string>> variables_of(const Sources& sources,
                                                               std::int64_t pid);
/// Numbers of signals in a mask of /proc/PID/status.
std::vector<int> signals_in(const std::string& mask);
SignalFacts signals_of(const std::map<std::string, std::string>& status);

/// The user's name, else the number.
std::string user_name(unsigned user);

}  // namespace warpstep::check
