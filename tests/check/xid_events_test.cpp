// SPDX-License-Identifier: Apache-2.0
// What lines of the kernel log come to: a drain only where the driver or the catalogue asks for it,
// and never a pass for what nobody here knows.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "runtime/check/rules.hpp"
#include "runtime/check/rules/xid_catalog.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/fixtures/gpus.hpp"

using namespace warpstep;
using check::Facts;
using check::Finding;
using check::Verdict;
using check::XidEvent;
using check::XidKind;

namespace {

const std::string head = "NVRM: Xid (PCI:0000:43:00): ";

XidEvent nvlink(int code, const std::string& severity) {
    return {code, severity, "", head + std::to_string(code) + ", UNIT " + severity + " XC0 i0"};
}

XidEvent recovery(const std::string& action) {
    return {154, "", action,
            head + "154, GPU recovery action changed from 0x0 (None) to " + action};
}

/// Facts with these lines of one GPU of n1.
Facts with(const std::vector<XidEvent>& events) {
    Facts facts = test::healthy_step();
    auto& health = test::gpu_of(facts, "n1", 1).health;
    health.xids.emplace();
    for (const XidEvent& event : events) health.xids->push_back(event.code);
    health.xid_times_s.reset();
    health.xid_events = events;
    return facts;
}

std::vector<Finding> judged(const Facts& facts) {
    return check::judge(facts, {check::find_rule("xid-hardware")}).findings;
}

/// Of the GPU that with() breaks; the others pass together.
Finding finding_of(const Facts& facts) {
    for (const Finding& finding : judged(facts))
        if (finding.verdict != Verdict::pass) return finding;
    return judged(facts).front();
}

bool tells(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

bool drains(const Finding& finding) {
    return tells(finding.fix, "state=drain");
}

}  // namespace

TEST_CASE("check: an Xid that the table lacks is unknown, with its number and the kernel's line") {
    const Facts facts = with({{999, "", "", head + "999, pid=7, something new"}});
    const Finding found = finding_of(facts);
    CHECK_EQ(found.verdict, Verdict::unknown);
    CHECK_EQ(found.subject.gpu_uuid, test::uuid_of("n1", 1));
    CHECK(tells(found.evidence, "Xid 999"));
    CHECK(tells(found.evidence, head + "999, pid=7, something new"));
    CHECK(tells(found.evidence, "journalctl -k --grep"));
    CHECK_FALSE(drains(found));
}

TEST_CASE("check: an Xid that is not known is no verdict, though its rule needs root") {
    const Facts facts = with({{999, "", "", head + "999, pid=7"}});
    CHECK_EQ(check::exit_code_of(judged(facts), false), ExitCode::no_verdict);
    CHECK_EQ(check::exit_code_of(judged(facts), true), ExitCode::no_verdict);
    // What users may not read is another matter.
    Facts unread = test::healthy_node(8);
    for (auto& gpu : unread.nodes[0].gpus) gpu.health.xids.reset();
    CHECK_EQ(check::exit_code_of(judged(unread), false), ExitCode::passed);
}

TEST_CASE("check: a known fault beside an Xid that is not known fails, and both are named") {
    const Finding found = finding_of(
        with({{999, "", "", head + "999, pid=7"}, {79, "", "", head + "79, fallen off"}}));
    CHECK_EQ(found.verdict, Verdict::fail);
    CHECK(drains(found));
    CHECK(tells(found.evidence, "Xid 79"));
    CHECK(tells(found.evidence, "Xid 999"));
    CHECK(tells(found.evidence, head + "999, pid=7"));
    CHECK(tells(found.fix, "Xid 999: "));
    CHECK(tells(found.fix, "reason=\"Xid 79\""));
    const Finding watched = finding_of(with({{94, "", "", ""}, {999, "", "", ""}}));
    CHECK_EQ(watched.verdict, Verdict::unknown);
    CHECK(tells(watched.evidence, "94"));
}

TEST_CASE("check: errors of NVLink 5 fail as Fatal, warn as Nonfatal, and are unknown as neither") {
    for (int code = 144; code <= 150; ++code) {
        INFO(code);
        const Finding fatal = finding_of(with({nvlink(code, "Fatal")}));
        CHECK_EQ(fatal.verdict, Verdict::fail);
        CHECK(drains(fatal));
        const Finding nonfatal = finding_of(with({nvlink(code, "Nonfatal")}));
        CHECK_EQ(nonfatal.verdict, Verdict::warn);
        CHECK_FALSE(drains(nonfatal));
        CHECK(tells(nonfatal.evidence, "UNIT Nonfatal XC0"));
        const Finding neither = finding_of(with({{code, "", "", head + std::to_string(code)}}));
        CHECK_EQ(neither.verdict, Verdict::unknown);
        CHECK_FALSE(drains(neither));
    }
    const Finding both = finding_of(with({nvlink(149, "Nonfatal"), nvlink(149, "Fatal")}));
    CHECK_EQ(both.verdict, Verdict::fail);
}

TEST_CASE("check: facts of older versions hold numbers alone, which decide what they can") {
    const auto verdict = [](int code) {
        Facts facts = with({});
        auto& health = test::gpu_of(facts, "n1", 1).health;
        health.xids = std::vector<int>{code};
        health.xid_events.reset();
        return finding_of(facts).verdict;
    };
    CHECK_EQ(verdict(79), Verdict::fail);
    CHECK_EQ(verdict(94), Verdict::warn);
    CHECK_EQ(verdict(13), Verdict::pass);  // xid-application judges it
    CHECK_EQ(verdict(63), Verdict::pass);  // the rules of remapped rows judge it
    CHECK_EQ(verdict(149), Verdict::unknown);
    CHECK_EQ(verdict(154), Verdict::unknown);
    CHECK_EQ(verdict(999), Verdict::unknown);
}

TEST_CASE("check: Xid 154 fails as long as the driver asks for something, and says for what") {
    const auto found = [](std::vector<XidEvent> events, std::optional<unsigned> by_nvml) {
        Facts facts = with(events);
        test::gpu_of(facts, "n1", 1).health.recovery_action = by_nvml;
        return finding_of(facts);
    };
    const XidEvent reset = recovery("0x1 (GPU Reset Required)");
    const XidEvent reboot = recovery("0x2 (Node Reboot Required)");
    const Finding asked = found({reset}, std::nullopt);
    CHECK_EQ(asked.verdict, Verdict::fail);
    CHECK(tells(asked.evidence, "GPU Reset Required"));
    CHECK(tells(asked.fix, "nvidia-smi --gpu-reset -i " + test::uuid_of("n1", 1)));
    CHECK(tells(found({reboot}, 2).fix, "scontrol reboot ASAP n1"));
    CHECK_EQ(found({recovery("0x3 (Drain P2P)")}, 3).verdict, Verdict::fail);
    CHECK_EQ(found({recovery("0x4 (Drain and Reset)")}, 4).verdict, Verdict::fail);
    // Taken back by the driver, or done since: the log still tells of it.
    CHECK_EQ(found({reset, recovery("0x0 (None)")}, std::nullopt).verdict, Verdict::pass);
    CHECK_EQ(found({recovery("0x0 (None)"), reset}, std::nullopt).verdict, Verdict::fail);
    CHECK_EQ(found({reset}, 0).verdict, Verdict::warn);
    CHECK_EQ(found({reboot}, 0).verdict, Verdict::fail);  // no reboot since boot
    CHECK_EQ(found({recovery("0x63 (Something New)")}, std::nullopt).verdict, Verdict::unknown);
    CHECK_EQ(found({recovery("")}, std::nullopt).verdict, Verdict::unknown);
}

TEST_CASE("check: the table holds what NVIDIA's catalogue names for GPUs since Ampere") {
    const auto kind = [](int code) {
        INFO(code);
        REQUIRE(check::find_xid(code) != nullptr);
        return check::find_xid(code)->kind;
    };
    for (int code = 144; code <= 150; ++code) CHECK_EQ(kind(code), XidKind::nvlink);
    for (const int code : {151, 158, 167, 168, 169, 171, 172})
        CHECK_EQ(kind(code), XidKind::hardware);
    for (const int code : {121, 155, 156, 157, 159, 161, 163, 164, 165, 166, 170})
        CHECK_EQ(kind(code), XidKind::watched);
    for (const int code : {39, 68, 85, 104, 126, 142}) CHECK_EQ(kind(code), XidKind::application);
    for (const int code : {14, 63, 106, 152, 160, 162}) CHECK_EQ(kind(code), XidKind::information);
    CHECK_EQ(kind(154), XidKind::recovery);
    for (const int code : {0, 1, 24, 57, 87, 122, 173, 999})
        CHECK(check::find_xid(code) == nullptr);
}
