// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "runtime/base/file.hpp"
#include "runtime/report/printer.hpp"
#include "tests/support/sample_report.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using nlohmann::json;

namespace {

json parsed(const report::Report& report) {
    return json::parse(report::to_json(report));
}

std::vector<std::string> keys(const json& object) {
    std::vector<std::string> result;
    for (const auto& [key, value] : object.items()) result.push_back(key);
    return result;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("report: the JSON report of version 1 has exactly these keys") {
    const json report = parsed(test::sample_report());
    CHECK(keys(report) == Keys{"communicator", "device", "exit_code", "expectations", "failure",
                               "hash", "job", "nodes", "path", "ranks", "run_seconds",
                               "start_seconds", "step", "steps", "values", "verdict", "version",
                               "versions", "workload"});
    CHECK(keys(report["ranks"][0]) == Keys{"cpus", "device", "gpu", "local_rank", "memory_policy",
                                           "node", "notes", "numa", "rank", "simulated"});
    CHECK(keys(report["ranks"][0]["gpu"]) == Keys{"pci", "uuid"});
    CHECK(keys(report["steps"][0]) ==
          Keys{"launches", "metrics", "name", "numbers", "ranks", "run", "verify"});
    CHECK(keys(report["steps"][0]["metrics"]["time"]) ==
          Keys{"max", "median", "min", "p99", "slowest_rank", "stddev", "unit"});
    CHECK(keys(report["steps"][0]["verify"][0]) ==
          Keys{"buffer", "detail", "rule", "verdict", "worst_ulp"});
    CHECK(keys(report["expectations"][0]) == Keys{"step", "that", "value", "verdict", "where"});
    CHECK(keys(report["versions"]) ==
          Keys{"cuda_driver", "cuda_runtime", "hwloc", "nccl", "pmix", "warpstep"});
}

TEST_CASE("report: the JSON report tells what each rank measured, and in which condition") {
    report::Report sample = test::sample_report();
    auto& step = sample.judgement.steps[0];
    step.metrics[0].by_rank = {{0, {1, 1, 1, 2, 0}}, {1, {3, 3, 3, 4, 0}}};
    step.metrics[1].by_rank = {{0, {1, 1, 1, 2, 0}}};
    step.conditions = {{1, {{"sm_mhz", 1755}, {"readings", 3}}}};
    const json told = parsed(sample)["steps"][0];
    CHECK(told["metrics"]["time"]["by_rank"] ==
          json{{"rank", {0, 1}}, {"median", {1.0, 3.0}}, {"p99", {2.0, 4.0}}});
    CHECK(told["metrics"]["bandwidth"].count("by_rank") == 0);
    CHECK(told["conditions"] ==
          json::array({{{"rank", 1}, {"sm_mhz", 1755.0}, {"readings", 3.0}}}));
}

TEST_CASE("report: the JSON report says what was found") {
    const json report = parsed(test::sample_report());
    CHECK(report["version"] == 1);
    CHECK(report["workload"] == "stream-triad");
    CHECK(report["device"] == "cuda");
    CHECK(report["verdict"] == "failed");
    CHECK(report["exit_code"] == 1);
    CHECK(report["failure"].is_null());
    CHECK(report["job"] == "17");
    CHECK(report["nodes"] == 2);
    CHECK(report["versions"]["pmix"] == "4.2.2");
    CHECK(report["versions"]["nccl"].is_null());
    REQUIRE(report["ranks"].size() == 2);
    CHECK(report["ranks"][1]["rank"] == 1);
    CHECK(report["ranks"][1]["node"] == "n2");
    CHECK(report["ranks"][1]["gpu"]["pci"] == "0000:1b:00.0");
    CHECK(report["ranks"][1]["cpus"] == "8,10");
    CHECK(report["ranks"][1]["numa"] == json{0});
    CHECK(report["ranks"][1]["notes"] == json{"far from its GPU"});
    CHECK(report["steps"][0]["metrics"]["time"]["unit"] == "s");
    CHECK(report["steps"][0]["metrics"]["time"]["max"] == 0.004);
    CHECK(report["steps"][0]["metrics"]["bandwidth"]["unit"] == "B/s");
    CHECK(report["steps"][0]["verify"][0]["verdict"] == "passed");
    CHECK(report["expectations"][0]["verdict"] == "failed");
    CHECK(report["expectations"][0]["value"] == "3.90 TB/s");
    CHECK(report["expectations"][0]["where"] == "rank 1 on n2");
    CHECK(report["expectations"][1]["step"].is_null());
}

TEST_CASE("report: what is not a number is null in JSON, never 0") {
    const json report = parsed(test::sample_report());
    CHECK(report["steps"][0]["metrics"]["time"]["stddev"].is_null());
    CHECK(report["steps"][0]["numbers"]["mse"].is_null());
    CHECK(report["steps"][0]["numbers"]["r2"] == 0.5);
    CHECK(report["values"]["w"][1] == 0.25);
    CHECK(report["values"]["w"][2].is_null());
}

TEST_CASE("report: a rank without GPU has null for it, an empty report is complete too") {
    auto report = test::sample_report();
    report.ranks[0].gpu_pci.clear();
    CHECK(parsed(report)["ranks"][0]["gpu"].is_null());
    const json empty = parsed({});
    CHECK(keys(empty) == keys(parsed(report)));
    CHECK(empty["ranks"] == json::array());
    CHECK(empty["steps"] == json::array());
    CHECK(empty["values"] == json::object());
    CHECK(empty["job"].is_null());
}

TEST_CASE("report: a failure is told with its exit code and is no verdict") {
    report::Report report;
    report.failure = "rank 1 died";
    report.exit_code = ExitCode::no_verdict;
    CHECK(parsed(report)["verdict"] == "no verdict");
    CHECK(parsed(report)["failure"] == "rank 1 died");
    CHECK(parsed(report)["exit_code"] == 3);
}

TEST_CASE("report: text that is not UTF-8 does not stop the report") {
    auto report = test::sample_report();
    report.path = "caf\xe9.yaml";
    CHECK(parsed(report)["path"] == "caf\xef\xbf\xbd.yaml");
}

TEST_CASE("report: the JSON printer writes one file") {
    const test::TemporaryFolder folder;
    const auto report = test::sample_report();
    report::json_printer(folder / "report.json")->print(report);
    CHECK(read_file(folder / "report.json") == report::to_json(report));
    CHECK(folder.entries() == 1);
    CHECK_THROWS_AS(report::json_printer(folder / "no/report.json")->print(report),
                    EnvironmentError);
}
