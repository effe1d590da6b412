// SPDX-License-Identifier: Apache-2.0
// From the results of all ranks to one verdict. Pure; runs on rank 0.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/execution/result.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::execution {

/// `allowed`: failed or unknown, in a step that may (`continue_on_error`).
enum class Verdict { passed, failed, unknown, skipped, allowed };
std::string_view name_of(Verdict verdict);

struct JudgedExpectation {
    std::string step;  ///< "" for those at the end of the file
    std::string that;
    Verdict verdict = Verdict::unknown;
    std::string value;  ///< what the left side was, on the deciding rank
    std::string where;  ///< the deciding rank of a failure, or the reason for unknown
};

struct JudgedVerify {
    std::string step, buffer, rule;
    Verdict verdict = Verdict::unknown;
    double worst_ulp = 0;
    std::string detail;  ///< the first failing rank and what it found
};

/// What one rank measured.
struct RankStatistics {
    int rank = 0;
    Statistics statistics;
};

/// One metric of one step over all ranks.
struct JudgedMetric {
    std::string name;
    workload::Unit unit;
    Statistics first;         ///< of rank 0, when there is only one rank also of the step
    double median, min, max;  ///< of the medians of the ranks
    int slowest_rank = 0;     ///< largest time or smallest rate
    std::vector<RankStatistics> by_rank = {};  ///< of those that ran it, ascending
};

struct JudgedStep {
    std::string name, run;
    int ranks = 0;              ///< on how many ranks it ran
    std::int64_t launches = 0;  ///< on rank 0's side: of the first rank that ran it
    std::vector<JudgedMetric> metrics;
    std::map<std::string, double> numbers;
    std::map<std::string, std::string> missing = {};  ///< of the first rank that ran it
    std::map<int, Conditions> conditions = {};        ///< by rank, of those that were watched
};

struct Judgement {
    Verdict verdict = Verdict::unknown;
    ExitCode exit_code = ExitCode::no_verdict;
    std::vector<JudgedStep> steps;
    std::vector<JudgedVerify> verify;
    std::vector<JudgedExpectation> expectations;
};

/// An expectation holds when it holds on every rank that ran its step; it is unknown when a value
/// it needs was not measured. NaN or infinity in a buffer that a verdict rests on, and in a result
/// that always has a value (mse), fails as an expectation would. failed beats unknown beats passed;
/// a workload that expects and verifies nothing passes by running; what a step with
/// `continue_on_error` misses is allowed. `ranks`: by rank, at least one.
Judgement judge(const workload::Workload& workload, const std::vector<RankResult>& ranks);

/// Adds the judgement of another run of the same steps, with `suffix` behind their names.
void append(Judgement& all, Judgement more, const std::string& suffix);

/// Adds "steps.<name>.<metric>.<statistic>" and "steps.<name>.<number>" to the names of a rank's
/// scope.
void add_result_names(const std::vector<StepResult>& steps, plan::Names& names);

}  // namespace warpstep::execution
