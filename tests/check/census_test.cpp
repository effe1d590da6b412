// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/census.hpp"

#include <doctest/doctest.h>

#include "tests/check/healthy_step.hpp"

using namespace warpstep;
using check::Finding;
using check::Verdict;

namespace {

constexpr check::Rule rule = {"some-rule",
                              "Family",
                              check::Severity::error,
                              check::Privilege::user,
                              check::Level::quick,
                              "symptom",
                              "cause",
                              "evidence",
                              "the rule's fix",
                              nullptr};

/// Judges the ranks of a healthy step: those up to `last` fire.
std::vector<Finding> fired_up_to(int last, bool one_fix = true) {
    const check::Facts facts = test::healthy_step();
    std::vector<Finding> findings;
    check::Judge judge(rule, findings);
    check::Census census(facts, judge);
    for (const check::RankFacts& rank : facts.ranks) {
        const std::string number = std::to_string(rank.rank);
        if (rank.rank <= last)
            census.fire(subject_of(rank), "mask " + number, {number, "9", "CPUs"},
                        one_fix ? "" : "fix " + number);
        else
            census.pass(subject_of(rank), "sound");
    }
    census.write();
    return findings;
}

}  // namespace

TEST_CASE("check: what all ranks have in common is one finding of the step") {
    const auto findings = fired_up_to(15);
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].verdict, Verdict::fail);
    CHECK_EQ(findings[0].subject, check::Subject{});
    CHECK_EQ(findings[0].evidence, "ranks 0-7 on n1, 8-15 on n2, such as rank 0 on n1: mask 0");
    CHECK_EQ(findings[0].measured, "");
    CHECK_EQ(findings[0].expected, "9");
    CHECK_EQ(findings[0].fix, "the rule's fix");
}

TEST_CASE("check: what all ranks of a node have in common is a finding of the node") {
    const auto findings = fired_up_to(7);
    REQUIRE_EQ(findings.size(), 2);
    CHECK_EQ(show(findings[0].subject), "n1");
    CHECK_EQ(findings[1].verdict, Verdict::pass);
    CHECK_EQ(findings[1].evidence, "ranks 8-15 on n2: sound");
}

TEST_CASE("check: a few ranks are told apart, and so are different fixes") {
    const auto few = fired_up_to(1);
    REQUIRE_EQ(few.size(), 3);
    CHECK_EQ(few[1].subject.rank, 1);
    CHECK_EQ(few[1].evidence, "mask 1");
    CHECK_EQ(few[1].measured, "1");
    CHECK_EQ(fired_up_to(15, false).size(), 16);
}

TEST_CASE("check: skips are told only when nothing was judged, each once") {
    const check::Facts facts = test::healthy_step();
    std::vector<Finding> findings;
    check::Judge judge(rule, findings);
    check::Census skipped(facts, judge);
    for (const check::NodeFacts& node : facts.nodes) {
        static_cast<void>(node);
        skipped.skip("no GPU");
    }
    skipped.write();
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].verdict, Verdict::skip);

    check::Census unknown(facts, judge);
    unknown.skip("no GPU");
    for (const check::NodeFacts& node : facts.nodes) unknown.unknown(subject_of(node), "unread");
    unknown.write();
    REQUIRE_EQ(findings.size(), 2);
    CHECK_EQ(findings[1].verdict, Verdict::unknown);
    CHECK_EQ(findings[1].evidence, "n1, n2: unread");
}
