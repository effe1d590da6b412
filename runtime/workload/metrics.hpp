// SPDX-License-Identifier: Apache-2.0
// What a step has to say when it has run. An operation's own numbers stand in its row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/value.hpp"

namespace warpstep::workload {

struct Metric {
    enum class When {
        always,         ///< the step ran to its end
        same_amount,    ///< what a launch moves or computes is known, and the same at every turn
        several_ranks,  ///< same_amount, and more than one takes part
        graph           ///< the step has `graph`
    };
    std::string name;  ///< "bandwidth"
    Unit unit = no_unit;
    When when = When::always;
    std::string meaning = {};   ///< one line
    bool statistics = false;    ///< has a median, least, …; alone it is the median
    std::string no_value = {};  ///< why it may have none all the same: "the targets do not vary"
};

/// "", "outside for_each", "outside for_each, with several ranks", "with graph"
std::string_view show(Metric::When when);

/// Every metric that is measured, whatever the operation: those of metric_names() and of
/// graph_numbers().
const std::vector<Metric>& metrics();
/// nullptr when there is none of that name.
const Metric* find_metric(std::string_view name);
/// The same of a name that is known to be there. Errors: LogicError.
const Metric& metric_of(std::string_view name);

/// What may be measured of every step.
const std::vector<Metric>& metric_names();
/// What a step with `graph` has beside them.
const std::vector<Metric>& graph_numbers();
/// median, min, max, p99, stddev
const std::vector<std::string>& statistic_names();

}  // namespace warpstep::workload
