// SPDX-License-Identifier: Apache-2.0
// Every rule has a fixture that makes it fire, is quiet where nothing is wrong, and one broken fact
// makes no other rule fire.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/check/rules.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/fixtures/fixture.hpp"
#include "tests/check/healthy_step.hpp"

using namespace warpstep;
using check::Finding;
using check::Verdict;

namespace {

bool fires(const Finding& finding) {
    return finding.verdict == Verdict::fail || finding.verdict == Verdict::warn;
}

std::set<std::string> fired(const std::vector<Finding>& findings) {
    std::set<std::string> ids;
    for (const Finding& finding : findings) {
        if (fires(finding)) ids.insert(finding.rule);
    }
    return ids;
}

bool passes(const std::vector<Finding>& findings, const std::string& rule) {
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.rule == rule && finding.verdict == Verdict::pass;
    });
}

using Setting = decltype(test::Fixture::setting);

check::Facts setting_of(Setting setting) {
    check::Facts facts = test::healthy_step();
    if (setting != nullptr) setting(facts);
    return facts;
}

std::string shown(const std::set<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text += id + " ";
    return text;
}

}  // namespace

TEST_CASE("check: nothing fires on a healthy step") {
    const auto findings = check::judge(test::healthy_step(), check::Level::full).findings;
    for (const Finding& finding : findings) {
        INFO((finding.rule + ": " + finding.evidence));
        CHECK_FALSE(fires(finding));
    }
}

TEST_CASE("check: a broken fact makes its rule fire, and no other, with evidence and a fix") {
    for (const test::Fixture& fixture : test::all_fixtures()) {
        INFO((std::string(fixture.rule) + ": " + fixture.name));
        check::Facts facts = setting_of(fixture.setting);
        fixture.broken(facts);
        const auto findings = check::judge(facts, check::Level::full).findings;
        std::set<std::string> expected(fixture.also.begin(), fixture.also.end());
        expected.insert(fixture.rule);
        CHECK_EQ(shown(fired(findings)), shown(expected));
        for (const Finding& finding : findings) {
            INFO(finding.rule);
            CHECK_FALSE(finding.evidence.empty());
            if (fires(finding)) CHECK_FALSE(finding.fix.empty());
        }
    }
}

TEST_CASE("check: a rule passes where its fixture's fact is not broken") {
    std::map<Setting, std::vector<Finding>> found;  // many fixtures share a setting
    for (const test::Fixture& fixture : test::all_fixtures()) {
        INFO((std::string(fixture.rule) + ": " + fixture.name));
        auto [at, is_new] = found.try_emplace(fixture.setting);
        if (is_new)
            at->second = check::judge(setting_of(fixture.setting), check::Level::full).findings;
        CHECK(passes(at->second, fixture.rule));
        CHECK_EQ(shown(fired(at->second)), "");
    }
}

TEST_CASE("check: every rule has a fixture, and every fixture a rule") {
    std::set<std::string> with_fixture, ids;
    for (const test::Fixture& fixture : test::all_fixtures()) with_fixture.insert(fixture.rule);
    for (const check::Rule& rule : check::rules()) CHECK(ids.insert(rule.id).second);
    CHECK_EQ(shown(with_fixture), shown(ids));
}
