// SPDX-License-Identifier: Apache-2.0
// What probes noted of GPUs under load, for the rules of health and links.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {

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
