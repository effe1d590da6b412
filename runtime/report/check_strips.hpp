// SPDX-License-Identifier: Apache-2.0
// Measurements of one kind side by side, with the lines that they are held against. Private to this
// room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/outlier.hpp"

namespace warpstep::report {

struct Dot {
    const check::Sample* sample = nullptr;  ///< with a finite value
    bool outlier = false;                   ///< beyond the outlier line
    bool below_floor = false;
};

/// A measurement that gave no value that counts.
struct Unmeasured {
    const check::Sample* sample = nullptr;
    std::string why;  ///< "did not end within 20 s", "wrong results"
};

/// What one probe measured at places of one kind: GPUs of one model, pairs, groups.
struct Strip {
    std::string probe, qualifier, unit, model;
    std::size_t places = 1;  ///< of each dot; 3 for groups of any size above two
    std::vector<Dot> dots;   ///< in the order of the facts
    std::vector<Unmeasured> unmeasured;
    double median = 0;  ///< of the dots, NaN without any
    std::optional<check::OutlierLine> line;
    std::optional<double> floor;
    std::string floor_source;
    /// "gemm bf16"
    std::string title() const;
    bool is_rate() const { return unit == "B/s" || unit == "FLOP/s"; }
};

/// In the order in which the facts first name them.
std::vector<Strip> strips_of(const check::Facts& facts);

/// "2.97 TB/s", "743 TFLOP/s", "3.10 us", "0 errors"
std::string show_measured(double value, const std::string& unit);

/// "GPU 3 on n1", "GPU 0 on n1 - GPU 1 on n1", "8 GPUs on n1", "rank 2 on n1"
std::string show_places(const check::Facts& facts, const std::vector<check::Subject>& places);

}  // namespace warpstep::report
