// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/metrics.hpp"

#include <doctest/doctest.h>

#include <set>

#include "runtime/base/error.hpp"

using namespace warpstep;
using workload::Metric;

TEST_CASE("workload: a metric has one row with name, unit and meaning") {
    std::set<std::string> names;
    for (const Metric& metric : workload::metrics()) {
        CAPTURE(metric.name);
        CHECK(names.insert(metric.name).second);
        CHECK_FALSE(metric.meaning.empty());
        CHECK(workload::find_metric(metric.name) == &metric);
        // What has a unit was measured more than once, or follows from what was.
        CHECK(metric.statistics == !(metric.unit == workload::no_unit));
    }
    CHECK(workload::metric_of("busbw").unit == workload::unit_bytes_per_second);
    CHECK(workload::find_metric("busbv") == nullptr);
    CHECK_THROWS_AS(workload::metric_of("busbv"), LogicError);
}

TEST_CASE("workload: metrics of every step and numbers of a graph are all there are") {
    CHECK(workload::metric_names().size() + workload::graph_numbers().size() ==
          workload::metrics().size());
    for (const Metric& metric : workload::graph_numbers()) CHECK(show(metric.when) == "with graph");
    CHECK(show(workload::metric_of("time").when).empty());
    CHECK(show(workload::metric_of("busbw").when) == "outside for_each, with several ranks");
}
