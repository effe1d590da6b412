// SPDX-License-Identifier: Apache-2.0
// Private to the rules of performance: measurements by what they are of, and how they are said.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/check/outlier.hpp"
#include "runtime/check/rule.hpp"

namespace warpstep::check::rates {

/// Samples of one probe that can be compared with each other: same model, same qualifier.
struct Group {
    std::string model, qualifier;
    std::vector<const Sample*> samples;
};
std::vector<Group> groups_of(const Facts& facts, const std::string& probe);

Subject subject_of(const Sample& sample);
/// "GPU-… on n1", "GPU-… and GPU-… on n1", "8 GPUs of n1"
std::string name_of(const Sample& sample);
/// "2.97 TB/s", "743 TFLOP/s", "12.3 us"
std::string show_value(double value, const std::string& unit);
/// " at 1980 MHz, 689 W, 61 °C", "" when nothing was read.
std::string conditions(const Sample& sample);

/// What to type for a sample that is slow; "": the rule's own.
using FixOf = std::function<std::string(const Sample& sample)>;

/// Judges every sample of a probe: verified, above the floor, and no outlier of its group.
void judge(const Facts& facts, const std::string& probe, Judge& judge, const FixOf& fix_of = {});

/// SKIP with the reason when the step has no usable sample of the probe; says whether it has.
bool has_samples(const Facts& facts, const std::string& probe, Judge& judge);

}  // namespace warpstep::check::rates
