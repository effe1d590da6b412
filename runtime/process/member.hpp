// SPDX-License-Identifier: Apache-2.0
// A task that is not the first of its node: it says what it is, and does what local rank 0 tells
// it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/process/cpu_list.hpp"
#include "runtime/process/fields.hpp"
#include "runtime/process/launch.hpp"

namespace warpstep::process {

/// Orders are fields, carried out one after the other:
///   bind CPUS        binds every thread          memory NODES   prefers these memory nodes
///   set NAME=VALUE   for exec                    unset NAME     for exec
///   line TEXT        says it on stderr           devices        asks CUDA for its devices
///   report           answers with its facts      exec           becomes the command
///   print TEXT       on stdout                   exit CODE
namespace order {
inline constexpr char bind[] = "bind", memory[] = "memory", set[] = "set", unset[] = "unset",
                      line[] = "line", devices[] = "devices", report[] = "report", wait[] = "wait",
                      exec[] = "exec", print[] = "print", exit[] = "exit";
}

/// What a task tells of itself. Names: rank, local_rank, pid, host, cpus (of all threads but the
/// exempt ones), memory (policy), warning, devices, and env.NAME for the variables that differ
/// between tasks.
Fields facts_of_this_task(const CpuList& cpus);

/// Where this task stands, by its launcher's variables; local_rank is -1 outside a step.
int local_rank_of_this_task();

struct Member {
    int argc = 0;
    char** argv = nullptr;
    std::function<std::string()> cuda_devices;  ///< for the order "devices"
};

/// Runs a follower to its end and returns the exit code; does not return when told to exec.
int follow(const std::string& key, int local_rank, const Member& member);

}  // namespace warpstep::process
