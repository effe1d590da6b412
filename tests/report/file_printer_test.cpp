// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/base/file.hpp"
#include "runtime/report/printer.hpp"
#include "tests/support/sample_report.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

TEST_CASE("report: every path that a workload names is written, --json instead of its own") {
    const test::TemporaryFolder folder;
    const auto report = test::sample_report();
    workload::ReportRequest request;
    request.json = folder / "own.json";
    request.junit = folder / "a.xml";
    request.csv = folder / "a.csv";
    request.prometheus = folder / "a.prom";
    report::print_all(report::printers(request, folder / "option.json"), report);
    CHECK(folder.entries() == 4);
    CHECK(read_file(folder / "option.json") == report::to_json(report));
    CHECK(read_file(folder / "a.csv") == report::to_csv(report));
    CHECK(read_file(folder / "a.prom") == report::to_prometheus(report));
    CHECK(read_file(folder / "a.xml").find("<testsuites>") != std::string::npos);
    report::print_all(report::printers(request, ""), report);
    CHECK(read_file(folder / "own.json") == report::to_json(report));
    CHECK(report::printers({}, "").empty());
}

TEST_CASE("report: a place that cannot be written does not keep the others from theirs") {
    const test::TemporaryFolder folder;
    workload::ReportRequest request;
    request.json = folder / "none/a.json";
    request.csv = folder / "a.csv";
    request.prometheus = folder / "none/a.prom";
    std::string said;
    try {
        report::print_all(report::printers(request, ""), test::sample_report());
    } catch (const EnvironmentError& error) {
        said = error.what();
    }
    CHECK(said.find("none/a.json") != std::string::npos);
    CHECK(said.find("none/a.prom") != std::string::npos);
    CHECK(said.find("a.csv") == std::string::npos);
    CHECK(read_file(folder / "a.csv") == report::to_csv(test::sample_report()));
}

TEST_CASE("report: the table leaves stdout to a report that goes there") {
    workload::ReportRequest request;
    request.json = "-";
    CHECK_FALSE(report::leaves_stdout(request, ""));
    CHECK(report::leaves_stdout(request, "a.json"));
    CHECK_FALSE(report::leaves_stdout({}, "-"));
    request.csv = "-";
    CHECK_FALSE(report::leaves_stdout(request, "a.json"));
}
