// SPDX-License-Identifier: Apache-2.0
// What one rank found out, as a value that travels to rank 0.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/execution/statistics.hpp"
#include "runtime/execution/watch.hpp"
#include "runtime/plan/rank_scope.hpp"

namespace warpstep::execution {

struct Metric {
    std::string name;  ///< time, bandwidth, flops, algbw, busbw
    workload::Unit unit;
    Statistics statistics;
};

struct VerifyResult {
    std::string buffer;
    std::string rule;  ///< "equals b + scalar * c", "same on all ranks"
    bool passed = false;
    std::string detail;    ///< of a failure: how many elements, the first one, expected and got
    double worst_ulp = 0;  ///< largest distance found, in units in the last place
    std::string hash;      ///< of the content, for rules that compare ranks
};

struct StepResult {
    std::string name;
    std::string run;
    bool ran = false;  ///< false: its `if` was false on this rank
    std::int64_t launches = 0;
    std::vector<Metric> metrics;
    std::map<std::string, double> numbers;  ///< results of the operation itself: mse, r2
    /// What it should have beside these and could not be computed here, and why.
    std::map<std::string, std::string> missing = {};
    std::vector<VerifyResult> verify;
    bool may_fail = false;  ///< `continue_on_error`
    std::string failure;    ///< why it ended early, where it may
    Conditions conditions;  ///< of the first device, while the step was timed; if it was watched
};

/// Where a rank ran: reality read back, not the plan.
struct RankPlace {
    int rank = 0, local_rank = 0, node = 0;
    std::string node_name;
    std::string device;             ///< "host, 4 cores", "NVIDIA H200"
    std::string gpu_uuid, gpu_pci;  ///< "" without a GPU
    std::string cpus;               ///< "0-3"
    std::vector<int> numa;
    std::string memory_policy;
    bool simulated = false;  ///< placed on a described node, nothing bound
    std::vector<std::string> notes;
};

struct RankResult {
    RankPlace place;
    std::vector<StepResult> steps;
    plan::Names names;  ///< of the rank's scope, for expressions over all ranks
    std::map<std::string, std::vector<double>> values;   ///< small buffers asked for in `report:`
    std::map<std::string, std::string> not_finite = {};  ///< Program::not_finite()
};

std::string encode(const RankResult& result);
/// Errors: CommError for bytes that are no result.
RankResult decode_result(std::string_view bytes);

}  // namespace warpstep::execution
