// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "runtime/report/report.hpp"

namespace warpstep::test {

/// Two ranks on two nodes, one step, a failed expectation.
inline report::Report sample_report() {
    using execution::Verdict;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    report::Report report;
    report.workload = "stream-triad";
    report.path = "configs/stream-triad.yaml";
    report.hash = "af63dc4c8601ec8c";
    report.device = "cuda";
    report.communicator = "nccl 2.28.9";
    report.job = "17";
    report.step = "0";
    report.nodes = 2;
    report.versions.warpstep = "0.1.0";
    report.versions.pmix = "4.2.2";
    for (int rank = 0; rank < 2; ++rank) {
        execution::RankPlace place;
        place.rank = rank;
        place.node = rank;
        place.node_name = rank == 0 ? "n1" : "n2";
        place.device = "NVIDIA H200";
        place.gpu_uuid = "GPU-12345678-9abc";
        place.gpu_pci = "0000:1b:00.0";
        place.cpus = rank == 0 ? "0-3" : "8,10";
        place.numa = {0};
        report.ranks.push_back(place);
    }
    report.ranks[1].notes = {"far from its GPU"};
    execution::JudgedStep step;
    step.name = "triad";
    step.run = "stream.triad";
    step.ranks = 2;
    step.launches = 100;
    step.metrics = {
        {"time", workload::unit_seconds, {0.002, 0.001, 0.003, 0.003, nan}, 0.002, 0.001, 0.004, 1},
        {"bandwidth",
         workload::unit_bytes_per_second,
         {4e12, 4e12, 4e12, 4e12, 0},
         4e12,
         3.9e12,
         4.1e12,
         1}};
    step.numbers = {{"mse", nan}, {"r2", 0.5}};
    report.judgement.steps = {step};
    report.judgement.verify = {{"triad", "a", "equals b", Verdict::passed, 0.5, ""}};
    report.judgement.expectations = {
        {"triad", "bandwidth.median >= 4TB/s", Verdict::failed, "3.90 TB/s", "rank 1 on n2"},
        {"", "true", Verdict::passed, "true", ""}};
    report.judgement.verdict = Verdict::failed;
    report.judgement.exit_code = ExitCode::failed;
    report.exit_code = ExitCode::failed;
    report.values = {{"w", {1, 0.25, nan}}};
    report.start_seconds = 0.5;
    report.run_seconds = 2;
    return report;
}

}  // namespace warpstep::test
