// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/metrics.hpp"

#include <algorithm>
#include <iterator>

#include "runtime/base/error.hpp"

namespace warpstep::workload {
namespace {

using When = Metric::When;

template <typename Predicate>
std::vector<Metric> metrics_where(Predicate holds) {
    std::vector<Metric> some;
    std::copy_if(metrics().begin(), metrics().end(), std::back_inserter(some), holds);
    return some;
}

}  // namespace

const std::vector<Metric>& metrics() {
    static const std::vector<Metric> all{
        {"time", unit_seconds, When::always, "of one launch, by events on the stream", true},
        {"bandwidth", unit_bytes_per_second, When::same_amount,
         "bytes that the operation must move, divided by time", true},
        {"algbw", unit_bytes_per_second, When::same_amount,
         "bytes of a collective's message, divided by time", true},
        {"busbw", unit_bytes_per_second, When::several_ranks,
         "algbw times the factor that makes it comparable to a link's speed", true},
        {"flops", unit_flops_per_second, When::same_amount, "operations, divided by time", true},
        {"launches", no_unit, When::always, "how often it ran"},
        {"critical_path", unit_seconds, When::graph,
         "the longest chain of the times of its steps, measured without the graph", true},
        {"serial_time", unit_seconds, When::graph, "all of them one after the other", true},
        {"kernels", no_unit, When::graph, "steps in one launch"},
        {"time_per_kernel", unit_seconds, When::graph, "time of a launch, divided by that", true},
        {"launch_gain", no_unit, When::graph, "serial_time divided by the time of a launch"}};
    return all;
}

const Metric* find_metric(std::string_view name) {
    const auto it = std::find_if(metrics().begin(), metrics().end(),
                                 [&](const Metric& metric) { return metric.name == name; });
    return it == metrics().end() ? nullptr : &*it;
}

const Metric& metric_of(std::string_view name) {
    const Metric* metric = find_metric(name);
    if (metric == nullptr) fail<LogicError>("no metric '{}'", name);
    return *metric;
}

const std::vector<Metric>& metric_names() {
    static const std::vector<Metric> some =
        metrics_where([](const Metric& metric) { return metric.when != When::graph; });
    return some;
}

const std::vector<Metric>& graph_numbers() {
    static const std::vector<Metric> some =
        metrics_where([](const Metric& metric) { return metric.when == When::graph; });
    return some;
}

const std::vector<std::string>& statistic_names() {
    static const std::vector<std::string> names{"median", "min", "max", "p99", "stddev"};
    return names;
}

std::string_view show(Metric::When when) {
    switch (when) {
        case When::same_amount:
            return "outside for_each";
        case When::several_ranks:
            return "outside for_each, with several ranks";
        case When::graph:
            return "with graph";
        case When::always:
            break;
    }
    return "";
}

}  // namespace warpstep::workload
