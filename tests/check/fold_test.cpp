// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/fold.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "runtime/check/open_names.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/check/show_subjects.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/fixtures/gpus.hpp"

using namespace warpstep;
using check::Facts;
using check::Finding;
using check::Fold;
using check::Verdict;

namespace {

Finding finding(check::Subject subject, std::string evidence, std::string fix = "") {
    Finding one;
    one.rule = "some-rule";
    one.severity = check::Severity::error;
    one.verdict = Verdict::fail;
    one.subject = std::move(subject);
    one.evidence = std::move(evidence);
    one.fix = std::move(fix);
    return one;
}

std::vector<Fold> folds_of(const std::vector<Finding>& findings, const Facts* facts = nullptr) {
    std::vector<const Finding*> all;
    for (const Finding& one : findings) all.push_back(&one);
    return check::fold(all, facts);
}

/// Each rank of a healthy step's two nodes up to `last`: eight on n1, eight on n2.
std::vector<Finding> of_ranks(int last, const char* evidence) {
    std::vector<Finding> all;
    for (int rank = 0; rank <= last; ++rank)
        all.push_back(finding({rank < 8 ? "n1" : "n2", rank, "", "", ""},
                              fmt::format(fmt::runtime(evidence), rank)));
    return all;
}

check::Subject gpu(const char* node, int index) {
    return {node, -1, test::uuid_of(node, index), fmt::format("s{}", index), ""};
}

}  // namespace

TEST_CASE("fold: what is said of many ranks in the same words is one sentence") {
    const auto all = of_ranks(15, "core files are switched off");
    const auto folds = folds_of(all);
    REQUIRE_EQ(folds.size(), 1);
    CHECK_EQ(folds[0].whom, "ranks 0-15 on n1, n2");
    CHECK_EQ(folds[0].evidence, "core files are switched off");
    CHECK_EQ(folds[0].all.size(), 16);
}

TEST_CASE(
    "fold: many whose figures differ are one sentence with an example, a few are said singly") {
    const auto many = folds_of(of_ranks(7, "{} CPUs"));
    REQUIRE_EQ(many.size(), 1);
    CHECK_EQ(many[0].whom, "ranks 0-7 on n1");
    CHECK_EQ(many[0].evidence, "rank 0 on n1: 0 CPUs");
    const auto few = folds_of(of_ranks(2, "{} CPUs"));
    REQUIRE_EQ(few.size(), 3);
    CHECK_EQ(few[2].whom, "rank 2 on n1");
    CHECK_EQ(few[2].evidence, "2 CPUs");
}

TEST_CASE("fold: figures that differ are not shown as everybody's") {
    auto all = of_ranks(5, "the same");
    for (Finding& one : all) one.measured = fmt::format("{}", one.subject.rank), one.expected = "9";
    const auto folds = folds_of(all);
    REQUIRE_EQ(folds.size(), 1);
    CHECK_EQ(folds[0].measured, "");
    CHECK_EQ(folds[0].expected, "9");
}

TEST_CASE("fold: words that differ, other verdicts and other commands stay apart") {
    auto all = of_ranks(3, "the same");
    all[1].evidence = "another";
    all[2].verdict = Verdict::warn;
    all[3].fix = "srun -c 8";
    CHECK_EQ(folds_of(all).size(), 4);
    // The number in a command is what is typed.
    auto commands = of_ranks(7, "the same");
    for (Finding& one : commands) one.fix = one.subject.rank < 4 ? "srun -c 8" : "srun -c 6";
    CHECK_EQ(folds_of(commands).size(), 2);
}

TEST_CASE("fold: what they share is said of those whose evidence is worded differently") {
    std::vector<Finding> all;
    for (int index = 0; index < 5; ++index) {
        all.push_back(
            finding(gpu("n1", index), index % 2 == 0 ? "line of rowhammer" : "line of cat"));
        all.back().common = "Xid 79 since boot";
    }
    const auto folds = folds_of(all);
    REQUIRE_EQ(folds.size(), 1);
    CHECK_EQ(folds[0].evidence,
             fmt::format("Xid 79 since boot; {} on n1: line of rowhammer", test::uuid_of("n1", 0)));
}

TEST_CASE("fold: commands for GPUs of a node name all of them, for nodes a line each") {
    std::vector<Finding> all;
    for (const char* node : {"n1", "n2"}) {
        for (int index = 0; index < 2; ++index)
            all.push_back(finding(
                gpu(node, index), "broken",
                fmt::format("drain {}; nvidia-smi -r -i {}", node, test::uuid_of(node, index))));
    }
    auto folds = folds_of(all);
    REQUIRE_EQ(folds.size(), 1);
    const auto both = [](const char* node) {
        return test::uuid_of(node, 0) + "," + test::uuid_of(node, 1);
    };
    CHECK_EQ(folds[0].fix,
             fmt::format("drain n1; nvidia-smi -r -i {}\ndrain n2; nvidia-smi -r -i {}", both("n1"),
                         both("n2")));
    std::vector<Finding> nodes;
    for (int n = 1; n <= 3; ++n)
        nodes.push_back(finding({fmt::format("n{}", n), -1, "", "", ""}, "hangs",
                                fmt::format("scontrol reboot n{}", n)));
    folds = folds_of(nodes);
    REQUIRE_EQ(folds.size(), 1);
    CHECK_EQ(folds[0].whom, "n1, n2, n3");
    CHECK_EQ(folds[0].fix, "scontrol reboot n1,n2,n3");
}

TEST_CASE("fold: GPUs go by their index, nodes with the same ones stand together") {
    const Facts facts = test::healthy_step();
    const auto show = [&](std::vector<check::Subject> subjects) {
        return check::show_subjects(subjects, &facts);
    };
    const auto of = [](const char* node, int index) {
        return check::Subject{node, -1, test::uuid_of(node, index), "", ""};
    };
    CHECK_EQ(show({of("n1", 3)}), fmt::format("GPU 3 ({}) on n1", test::uuid_of("n1", 3)));
    CHECK_EQ(show({of("n1", 0), of("n1", 1), of("n1", 5)}), "GPUs 0-1,5 on n1");
    CHECK_EQ(show({of("n1", 0), of("n1", 1), of("n2", 0), of("n2", 1)}), "GPUs 0-1 on n1, n2");
    CHECK_EQ(show({of("n1", 0), of("n1", 1), of("n2", 7)}), "GPUs 0-1 on n1; GPU 7 on n2");
    CHECK_EQ(check::show_subjects({of("n1", 0), of("n1", 1)}, nullptr),
             fmt::format("{}, {} on n1", test::uuid_of("n1", 0), test::uuid_of("n1", 1)));
}

TEST_CASE("fold: a name is opened as a whole word only") {
    const check::Subject subject{"n1", 3, "GPU-a", "17", "0000:1a:00.0"};
    const auto open = [&](const char* text) { return check::with_own_names_open(text, subject); };
    CHECK_EQ(open("n10 and gen1 are not n1"), "n10 and gen1 are not \x05");
    CHECK_EQ(open("GPU-ab, GPU-a"), "GPU-ab, \x01");
    CHECK_EQ(check::with_open_names("CPUs 0-3,8 of GPU-xyz-1 at 4.5 TB/s", {}),
             "CPUs \x06 of \x01 at \x06 TB/s");
    CHECK_EQ(check::with_open_names("H100, bf16, x8 and n1", {}), "H100, bf16, x8 and n1");
}

// A rule says it of each; whatever the number, the sentences name all who fail and no other.
TEST_CASE("fold: k of n failing GPUs are named, for every k") {
    for (const int nodes : {1, 2, 8}) {
        for (int k = 0; k <= 8 * nodes; ++k) {
            Facts facts = test::healthy_node(8);
            const check::NodeFacts pattern = facts.nodes.front();
            facts.nodes.clear();
            for (int n = 0; n < nodes; ++n) {
                facts.nodes.push_back(pattern);
                facts.nodes.back().name = fmt::format("n{}", n + 1);
                for (auto& one : facts.nodes.back().gpus)
                    one.uuid = test::uuid_of(facts.nodes.back().name, one.index);
            }
            for (int i = 0; i < k; ++i)
                facts.nodes[static_cast<std::size_t>(i % nodes)]
                    .gpus[static_cast<std::size_t>(i / nodes)]
                    .health.remap_failed = true;
            const auto found = check::judge(facts, {check::find_rule("remap-failed")}).findings;
            std::vector<const Finding*> failing;
            for (const Finding& one : found)
                if (one.verdict == Verdict::fail) failing.push_back(&one);
            INFO(nodes, " nodes, ", k);
            CHECK_EQ(failing.size(), k);
            std::size_t named = 0;
            for (const Fold& one : check::fold(failing, &facts)) named += one.all.size();
            CHECK_EQ(named, k);
            if (k > 0) CHECK_EQ(check::fold(failing, &facts).size(), 1);
        }
    }
}

TEST_CASE("fold: a minority on several nodes is one sentence, and its nodes one list") {
    for (const int odd : {2, 5}) {
        Facts facts = test::healthy_node(8);
        const check::NodeFacts pattern = facts.nodes.front();
        facts.nodes.clear();
        for (int n = 0; n < 12; ++n) {
            facts.nodes.push_back(pattern);
            facts.nodes.back().name = fmt::format("n{}", n + 1);
            if (n < odd) facts.nodes.back().driver = "570.86.15";
        }
        std::vector<const Finding*> firing;
        const auto found = check::judge(facts, {check::find_rule("driver-skew")}).findings;
        for (const Finding& one : found)
            if (one.verdict == Verdict::warn) firing.push_back(&one);
        CHECK_EQ(firing.size(), odd);
        const auto folds = check::fold(firing, &facts);
        REQUIRE_EQ(folds.size(), 1);
        CHECK(folds[0].evidence.find("570.86.15 on n1, n2") != std::string::npos);
        CHECK(folds[0].fix.find(odd == 2 ? "--exclude=n1,n2" : "--exclude=n1,n2,n3,n4,n5") !=
              std::string::npos);
    }
}
