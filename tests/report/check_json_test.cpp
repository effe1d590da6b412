// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/report/sample_check.hpp"

using namespace warpstep;
using nlohmann::json;

TEST_CASE("report: the JSON of a check has a record for each finding, null for what is not known") {
    const json report = json::parse(report::show(test::small_check(), "json"));
    CHECK(report["schema"] == "warpstep.check/1");
    CHECK(report["answer"] == "2 GPUs must be replaced.");
    CHECK(report["exit_code"] == 1);
    CHECK(report["level"] == "full");
    CHECK(report["counts"] ==
          json{{"PASS", 1}, {"WARN", 2}, {"FAIL", 2}, {"UNKNOWN", 1}, {"SKIP", 1}});
    REQUIRE(report["findings"].size() == 7);
    CHECK(report["findings"][1] == json{{"rule", "remap-failed"},
                                        {"severity", "error"},
                                        {"verdict", "FAIL"},
                                        {"subject",
                                         {{"node", "n2"},
                                          {"rank", nullptr},
                                          {"gpu_uuid", "GPU-c"},
                                          {"serial", "17"},
                                          {"pci", "0000:43:00.0"}}},
                                        {"count", 1},
                                        {"subjects", json::array()},
                                        {"measured", "1"},
                                        {"expected", "0"},
                                        {"unit", nullptr},
                                        {"evidence", "row remapping has failed"},
                                        {"fix", "drain the node and replace the GPU"},
                                        {"peers", nullptr}});
    CHECK(report["findings"][2]["subject"]["rank"] == 3);
    CHECK(report["nodes"].empty());
}

TEST_CASE("report: the JSON of a check tells nodes, GPUs with their verdicts, ranks and samples") {
    const auto facts = test::broken_check_facts();
    const json report = json::parse(report::show(test::broken_check(facts), "json"));
    REQUIRE(report["nodes"].size() == 2);
    CHECK(report["nodes"][0]["gpus"].size() == 8);
    CHECK(report["nodes"][0]["gpus"][5]["verdict"] == "FAIL");
    CHECK(report["nodes"][0]["gpus"][4]["verdict"] == "PASS");
    CHECK(report["nodes"][1]["gpus"][7]["granted"] == false);
    CHECK(report["ranks"].size() == 15);
    CHECK(report["silent_ranks"] == json{15});
    CHECK(report["samples"].size() == facts.samples.size());
    int unmeasured = 0;
    for (const json& sample : report["samples"]) {
        if (!sample["value"].is_null()) continue;
        ++unmeasured;
        CHECK(sample["problem"] == "did not end within 20 s");
    }
    CHECK(unmeasured == 1);
}

TEST_CASE("report: the JSON of a check survives bytes that are no text") {
    const auto facts = test::awkward_check_facts();
    const json report = json::parse(report::show(test::awkward_check(facts), "json"));
    CHECK(report["nodes"][0]["name"] == "n<1>&\"'");
    CHECK(report["answer"].get<std::string>().find("\xef\xbf\xbd") != std::string::npos);
}
