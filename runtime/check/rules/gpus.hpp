// SPDX-License-Identifier: Apache-2.0
// The GPUs whose state rules of health and links judge, and what probes noted of them under load.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/rules/tally.hpp"

namespace warpstep::check {

/// A GPU with its node; both live in the facts.
struct JudgedGpu {
    const NodeFacts* node;
    const GpuFacts* gpu;
    Subject subject() const { return subject_of(*node, *gpu); }
};

/// The GPUs of the step that NVML answers for. Writes SKIP for nodes without NVIDIA GPUs, without
/// any of the step's, and for described ones (a file tells their shape, not their state); UNKNOWN
/// with the reason for those where NVML told nothing.
std::vector<JudgedGpu> judged_gpus(const Facts& facts, Tally& tally);
/// The nodes for which that holds, without regard to their GPUs.
std::vector<const NodeFacts*> judged_nodes(const Facts& facts, Tally& tally);

/// Calls `judge(gpu, tally)` for each of judged_gpus and writes the findings.
template <typename One>
void for_each_gpu(const Facts& facts, Judge& judge, One&& one) {
    Tally tally;
    for (const JudgedGpu& gpu : judged_gpus(facts, tally)) one(gpu, tally);
    tally.write(judge);
}

/// What probes loaded a GPU with: those whose first place it is. In Sample::state they note, of
/// that GPU, "seconds" of load; rises meanwhile of "violation_*_ns", "ecc_correctable",
/// "nvlink_errors" and "pcie_replays"; and readings under load of "pcie_gen", "pcie_width",
/// "sm_mhz", "temperature_c" and "throttle_reasons".
struct Load {
    std::vector<const Sample*> samples;
    /// Over the samples that tell `key`; nothing when none does.
    std::optional<double> sum(const char* key) const;
    std::optional<double> least(const char* key) const;
    std::optional<double> most(const char* key) const;
    /// Every bit that "throttle_reasons" had.
    std::optional<std::uint64_t> throttle_reasons() const;
    /// "gemm bf16": the samples that tell `key`, for evidence.
    std::string told_by(const char* key) const;
};
Load load_of(const Facts& facts, const GpuFacts& gpu);

/// Without decimals: "1980"
std::string plain(double value);
/// Of a list that is not empty.
double median(std::vector<double> values);
/// The check measures, so that what needs load can be judged.
bool measures(const Facts& facts);

}  // namespace warpstep::check
