// SPDX-License-Identifier: Apache-2.0
// What a probe measured, as a value: rules judge it, reports plot it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/check/finding.hpp"

namespace warpstep::check {

struct Sample {
    std::string probe;  ///< "triad", "gemm", "h2d", "d2h", "p2p", "all_reduce", "compute", …
    std::vector<Subject> places;  ///< one; two for a pair; all of a group
    std::string model;      ///< of the first place's GPU: "NVIDIA H100 80GB HBM3"; "" on the host
    std::string unit;       ///< "B/s", "FLOP/s", "s"
    std::string qualifier;  ///< "bf16", "near", "far", "NVLS", "1 GiB"
    std::vector<double> repeats;  ///< medians of the repeats, in the order they were taken
    double value = 0;             ///< median of `repeats`
    double p99 = 0;               ///< of the single launches, 0 when not told
    bool verified = false;        ///< the results were compared with their reference and right
    std::string algorithm;        ///< of a collective, when the library tells: "NVLS", "Ring"
    std::map<std::string, double> state;  ///< "sm_mhz", "power_w", "temperature_c", throttle_ns, …
    std::string checksum;  ///< of the results, for comparison between repeats and GPUs
    std::string problem;   ///< why there is no value: "did not end within 20 s"
};

/// The rate that a model must reach, or that its owner has learnt.
struct Floor {
    std::string model, probe, qualifier;
    double value = 0;
    std::string unit, source;  ///< where the number comes from
};

/// One measured value of an earlier `check --learn`.
struct BaselineEntry {
    std::string gpu_uuid, probe, qualifier, unit, driver;
    double value = 0, sm_mhz = 0;
    std::string date;
};

}  // namespace warpstep::check
