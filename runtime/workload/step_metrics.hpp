// SPDX-License-Identifier: Apache-2.0
// What expectations may name of each step, known before anything runs.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/load.hpp"

namespace warpstep::workload {

/// One number that a step has after a run.
struct StepMetric {
    std::string name;  ///< "bandwidth"
    Unit unit = no_unit;
    bool statistics = false;  ///< has a median, least, …; alone it is the median
};

struct StepMetrics {
    std::vector<StepMetric> list;
    bool complete = true;  ///< false: what the step runs could not be read
    /// Why there are not more: "inside for_each sizes may change"; "" when nothing is left out.
    std::string why_fewer = {};

    /// Of "bandwidth" or "bandwidth.median"; nullptr when the step has no such number.
    const StepMetric* find(std::string_view name) const;
    /// All that find() finds: "time", "time.median", …
    std::vector<std::string> names() const;
    /// "time, bandwidth, launches"
    std::string show() const;
};

/// By step, of all steps of the file.
using MetricsByStep = std::map<std::string, StepMetrics, std::less<>>;
MetricsByStep step_metrics(const Workload& workload,
                           const std::vector<OperationSignature>& operations);

}  // namespace warpstep::workload
