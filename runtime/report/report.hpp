// SPDX-License-Identifier: Apache-2.0
// What is said at the end of a run, as a value; printers show it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/execution/judge.hpp"

namespace warpstep::report {

struct Versions {
    std::string warpstep, pmix, hwloc, cuda_driver, cuda_runtime, nccl;  ///< "" when not there
};

struct Report {
    std::string workload;
    std::string description;
    std::string path;
    std::string hash;
    std::string device;        ///< "host" or "cuda"
    std::string communicator;  ///< "shared memory + gloo"
    std::string job, step;     ///< of Slurm, "" outside
    bool simulated = false;    ///< placed on a described node
    int nodes = 1;
    Versions versions;
    std::vector<execution::RankPlace> ranks;
    execution::Judgement judgement;
    std::map<std::string, std::vector<double>> values;
    double start_seconds = 0;  ///< from the start of rank 0's process to the first step
    double run_seconds = 0;
    std::optional<std::string> failure;  ///< why there is no verdict

    /// The exit code that the command ends with: that of the judgement, or of the failure.
    ExitCode exit_code = ExitCode::no_verdict;
};

}  // namespace warpstep::report
