// SPDX-License-Identifier: Apache-2.0
// Every format tells of as many failing GPUs as there are.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/check/rules.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/fixtures/gpus.hpp"
#include "tests/report/sample_check.hpp"

using namespace warpstep;
using nlohmann::json;

namespace {

std::size_t times(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size()))
        ++count;
    return count;
}

/// Nodes of eight GPUs, of which `failing` have a row that could not be remapped.
check::Facts step_of(int nodes, int failing) {
    check::Facts facts = test::healthy_node(8);
    const check::NodeFacts pattern = facts.nodes.front();
    facts.nodes.clear();
    for (int n = 0; n < nodes; ++n) {
        facts.nodes.push_back(pattern);
        facts.nodes.back().name = fmt::format("n{}", n + 1);
        for (auto& gpu : facts.nodes.back().gpus)
            gpu.uuid = test::uuid_of(facts.nodes.back().name, gpu.index);
    }
    for (int i = 0; i < failing; ++i)
        facts.nodes[static_cast<std::size_t>(i % nodes)]
            .gpus[static_cast<std::size_t>(i / nodes)]
            .health.remap_failed = true;
    return facts;
}

report::CheckReport report_of(const check::Facts& facts) {
    auto judgement = check::judge(facts, {check::find_rule("remap-failed")});
    report::CheckReport report;
    report.findings = std::move(judgement.findings);
    report.decided = std::move(judgement.decided);
    report.facts = &facts;
    report.answer = "answer";
    report.warpstep = "0.1.0";
    report.exit_code = static_cast<int>(check::exit_code_of(report.findings, false));
    return report;
}

std::size_t gpus_of(const json& report, const char* verdict) {
    std::size_t count = 0;
    for (const json& node : report["nodes"])
        for (const json& gpu : node["gpus"]) count += gpu["verdict"] == verdict ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("report: k of n failing GPUs are k in JSON, HTML, Prometheus and JUnit") {
    for (const int nodes : {1, 2, 3, 8}) {
        for (int failing = 0; failing <= 8 * nodes; failing += nodes == 8 ? 5 : 1) {
            INFO(nodes, " nodes, ", failing, " failing");
            const check::Facts facts = step_of(nodes, failing);
            const report::CheckReport report = report_of(facts);
            const auto k = static_cast<std::size_t>(failing),
                       all = static_cast<std::size_t>(8 * nodes);
            const json parsed = json::parse(report::show(report, "json"));
            CHECK_EQ(gpus_of(parsed, "FAIL"), k);
            CHECK_EQ(gpus_of(parsed, "PASS"), all - k);
            CHECK_EQ(parsed["counts"]["FAIL"], k);
            const std::string html = report::show(report, "html");
            CHECK_EQ(times(html, "<div class=\"gpu fail\""), k);
            CHECK_EQ(times(html, "<div class=\"gpu pass\""), all - k);
            CHECK_EQ(times(report::show(report, "junit"), "<failure type=\"FAIL\""), k);
            const std::string series = report::show(report, "prometheus");
            std::size_t named = 0;
            for (const auto& node : facts.nodes)
                for (const auto& gpu : node.gpus)
                    named +=
                        times(series, fmt::format("gpu=\"{}\",pci=\"{}\"}} 2", gpu.uuid, gpu.pci));
            CHECK_EQ(named, k);
        }
    }
}

TEST_CASE("report: 1,024 equal GPUs are one line of text and 1,024 series") {
    const check::Facts facts = step_of(128, 1024);
    const report::CheckReport report = report_of(facts);
    const std::string text = report::show(report, "text");
    CHECK_EQ(times(text, "GPUs 0-7 on n1, n2, n3, n4, n5, n6 and 122 more: the driver says"), 1);
    CHECK_LE(times(text, "\n"), 40);
    CHECK_EQ(
        times(report::show(report, "prometheus"), "\nwarpstep_check_finding{rule=\"remap-failed\""),
        1024);
    const std::string verbose = report::show(report, "text", {false, true});
    CHECK(verbose.find(test::uuid_of("n128", 7)) != std::string::npos);
}

TEST_CASE("report: a GPU whose state nobody judged is no PASS") {
    check::Facts facts = step_of(2, 0);
    facts.nodes[0].described = true;
    facts.nodes[1].gpu_problem = "Driver Not Loaded";
    const json parsed = json::parse(report::show(report_of(facts), "json"));
    CHECK_EQ(gpus_of(parsed, "PASS"), 0);
    for (const json& gpu : parsed["nodes"][0]["gpus"]) CHECK_EQ(gpu["verdict"], "SKIP");
    for (const json& gpu : parsed["nodes"][1]["gpus"]) CHECK_EQ(gpu["verdict"], "UNKNOWN");
}

TEST_CASE(
    "report: GPUs of a node that could not be asked for one reason are unknown, the others pass") {
    check::Facts facts = step_of(1, 0);
    for (const std::size_t i : {1u, 2u, 5u}) facts.nodes[0].gpus[i].modes.persistence.reset();
    auto judgement = check::judge(facts, {check::find_rule("persistence-off")});
    report::CheckReport report;
    report.findings = std::move(judgement.findings);
    report.decided = std::move(judgement.decided);
    report.facts = &facts;
    const json parsed = json::parse(report::show(report, "json"));
    CHECK_EQ(gpus_of(parsed, "UNKNOWN"), 3);
    CHECK_EQ(gpus_of(parsed, "PASS"), 5);
    CHECK_EQ(parsed["counts"]["UNKNOWN"], 1);
}
