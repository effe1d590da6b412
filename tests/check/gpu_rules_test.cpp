// SPDX-License-Identifier: Apache-2.0
// Rules of health, links and versions beyond one broken fact: what many GPUs share, what was not
// told, and what one reading cannot prove.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>
#include <string>

#include "runtime/check/rules.hpp"
#include "runtime/check/rules/xid_catalog.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/fixtures/gpus.hpp"

using namespace warpstep;
using check::Facts;
using check::Finding;
using check::Severity;
using check::Verdict;

namespace {

std::vector<Finding> judge(const Facts& facts, const char* rule) {
    return check::judge(facts, {check::find_rule(rule)}).findings;
}

std::vector<Finding> fired(const Facts& facts, const char* rule) {
    std::vector<Finding> found;
    for (const Finding& finding : judge(facts, rule)) {
        if (finding.verdict == Verdict::fail || finding.verdict == Verdict::warn)
            found.push_back(finding);
    }
    return found;
}

Verdict only_verdict(const Facts& facts, const char* rule) {
    const auto findings = judge(facts, rule);
    REQUIRE_FALSE(findings.empty());
    for (const Finding& finding : findings) CHECK_EQ(finding.verdict, findings[0].verdict);
    return findings[0].verdict;
}

/// 1,024 GPUs on 128 nodes.
Facts large_step() {
    Facts facts = test::healthy_step();
    const check::NodeFacts pattern = facts.nodes.front();
    facts.nodes.clear();
    for (int n = 1; n <= 128; ++n) {
        check::NodeFacts node = pattern;
        node.name = fmt::format("n{}", n);
        for (check::GpuFacts& gpu : node.gpus) gpu.uuid = test::uuid_of(node.name, gpu.index);
        facts.nodes.push_back(node);
    }
    return facts;
}

/// The rules of health and links that judge the state of a GPU.
std::vector<const check::Rule*> rules_of_state() {
    const std::set<std::string> of_nodes = {"gpu-lost", "driver-hang", "box-nvml-lost",
                                            "pcie-errors"};
    std::vector<const check::Rule*> rules;
    for (const check::Rule& rule : check::rules()) {
        const std::string family = rule.family;
        if ((family == "GPU health" || family == "Links") && !of_nodes.contains(rule.id))
            rules.push_back(&rule);
    }
    return rules;
}

}  // namespace

TEST_CASE("check: what all GPUs share is said of each") {
    Facts facts = large_step();
    for (auto& node : facts.nodes) {
        for (auto& gpu : node.gpus) gpu.modes.persistence = false;
    }
    const auto findings = judge(facts, "persistence-off");
    REQUIRE_EQ(findings.size(), 1024);
    std::set<std::string> named;
    for (const Finding& finding : findings) {
        CHECK_EQ(finding.evidence, "persistence mode is off");
        named.insert(finding.subject.gpu_uuid);
    }
    CHECK_EQ(named.size(), 1024);
}

TEST_CASE("check: what all GPUs of a node share is said of each, what passes is counted") {
    Facts facts = large_step();
    for (auto& gpu : facts.nodes[6].gpus) gpu.links.nvlinks_active = 0;
    const auto findings = judge(facts, "nvlink-down");
    REQUIRE_EQ(findings.size(), 9);
    for (int gpu = 0; gpu < 8; ++gpu) {
        const Finding& finding = findings[static_cast<std::size_t>(gpu)];
        CHECK_EQ(finding.verdict, Verdict::fail);
        CHECK_EQ(finding.subject.gpu_uuid, test::uuid_of("n7", gpu));
        CHECK_EQ(finding.evidence, "0 NVLinks are active, this model has 18");
    }
    CHECK_EQ(findings[8].verdict, Verdict::pass);
    CHECK_EQ(findings[8].count, 1016);
    CHECK_EQ(findings[8].about(), check::Kind::gpu);
}

TEST_CASE("check: a few GPUs are named one by one, with their own figures") {
    Facts facts = large_step();
    facts.nodes[3].gpus[1].speed.power_limit_mw = 500'000;
    facts.nodes[9].gpus[2].speed.power_limit_mw = 600'000;
    const auto findings = fired(facts, "power-capped");
    REQUIRE_EQ(findings.size(), 2);
    CHECK_EQ(findings[0].subject.gpu_uuid, test::uuid_of("n4", 1));
    CHECK_FALSE(findings[0].subject.serial.empty());
    CHECK_EQ(findings[0].measured, "500");
    CHECK_EQ(findings[0].expected, "700");
    CHECK_EQ(findings[1].fix, "nvidia-smi -i " + test::uuid_of("n10", 2) + " -pl 700");
}

TEST_CASE("check: the fix for a GPU names it, and no other job's is judged") {
    Facts facts = test::healthy_step();
    for (auto& gpu : facts.nodes[1].gpus) {
        gpu.granted = gpu.index < 2;
        gpu.speed.power_limit_mw = 500'000;
    }
    const auto findings = fired(facts, "power-capped");
    REQUIRE_EQ(findings.size(), 2);
    for (int gpu = 0; gpu < 2; ++gpu)
        CHECK_EQ(findings[static_cast<std::size_t>(gpu)].fix,
                 "nvidia-smi -i " + test::uuid_of("n2", gpu) + " -pl 700");
}

TEST_CASE("check: what NVML tells of no GPU of a node is unknown once for the node") {
    Facts facts = large_step();
    for (auto& gpu : facts.nodes[4].gpus) gpu.modes.persistence.reset();
    facts.nodes[9].gpus[3].modes.persistence.reset();
    const auto findings = judge(facts, "persistence-off");
    REQUIRE_EQ(findings.size(), 3);
    CHECK_EQ(findings[0].verdict, Verdict::unknown);
    CHECK_EQ(findings[0].subject, check::Subject{"n5", -1, "", "", ""});
    CHECK_EQ(findings[0].subjects.size(), 8);
    CHECK_EQ(findings[1].subject.gpu_uuid, test::uuid_of("n10", 3));
    CHECK_EQ(findings[2].verdict, Verdict::pass);
    CHECK_EQ(findings[2].count, 1015);
}

TEST_CASE("check: what NVML does not tell about a GPU is never a pass") {
    Facts facts = test::healthy_step();
    for (auto& node : facts.nodes) {
        for (auto& gpu : node.gpus) {
            gpu.health = {};
            gpu.speed = {};
            gpu.modes = {};
            gpu.links = {};
        }
    }
    for (const Finding& finding : check::judge(facts, rules_of_state()).findings) {
        INFO(finding.rule, ": ", finding.evidence);
        CHECK((finding.verdict == Verdict::unknown || finding.verdict == Verdict::skip));
    }
}

TEST_CASE("check: on a node where NVML told nothing the state of GPUs is unknown") {
    Facts facts = test::healthy_node(8);
    facts.nodes[0].gpu_problem = "Driver Not Loaded";
    facts.nodes[0].gpus.clear();
    for (const Finding& finding : check::judge(facts, rules_of_state()).findings) {
        INFO(finding.rule, ": ", finding.evidence);
        CHECK_EQ(finding.verdict, Verdict::unknown);
        CHECK(finding.evidence.find("Driver Not Loaded") != std::string::npos);
    }
}

TEST_CASE("check: described nodes and nodes without NVIDIA GPUs are skipped") {
    for (const bool described : {true, false}) {
        Facts facts = test::healthy_node(8);
        facts.nodes[0].described = described;
        facts.nodes[0].has_nvidia = described;
        for (const check::Rule& rule : check::rules()) {
            const std::string family = rule.family;
            if (family != "GPU health" && family != "Links") continue;
            INFO(rule.id);
            CHECK_EQ(only_verdict(facts, rule.id), Verdict::skip);
        }
    }
}

TEST_CASE("check: a GPU that the step was not given is not judged") {
    Facts facts = test::healthy_step();
    auto& gpu = test::gpu_of(facts, "n1", 0);
    gpu.granted = gpu.in_nvml = false;
    gpu.health.ecc_volatile_uncorrectable = 7;
    CHECK(fired(facts, "gpu-lost").empty());
    CHECK(fired(facts, "ecc-uncorrectable").empty());
}

TEST_CASE("check: one reading of a slowdown is a warning, counters under load are an error") {
    Facts facts = test::healthy_step();
    test::gpu_of(facts, "n1", 0).speed.throttle_reasons = 0x8;
    auto findings = fired(facts, "throttle-hardware");
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].verdict, Verdict::warn);
    test::note_load(facts, "n1", 0, "violation_board_ns", 5e9);
    findings = fired(facts, "throttle-hardware");
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].verdict, Verdict::fail);
    CHECK_EQ(findings[0].measured, "50.0");
}

TEST_CASE("check: running into the power limit is no fault of the GPU") {
    Facts facts = test::healthy_step();
    test::note_load_everywhere(facts, "violation_power_ns", 9e9);
    CHECK(fired(facts, "throttle-hardware").empty());
}

TEST_CASE("check: an idle link that is narrow is unknown, a slow one waits for load") {
    Facts facts = test::healthy_node(8);
    facts.samples.clear();
    facts.intent.level = "quick";
    for (auto& gpu : facts.nodes[0].gpus) {
        gpu.links.pcie_width = 8;
        gpu.links.pcie_gen = 1;
    }
    CHECK_EQ(only_verdict(facts, "pcie-width"), Verdict::unknown);
    CHECK_EQ(only_verdict(facts, "pcie-gen"), Verdict::skip);
    facts.intent.level = "standard";
    CHECK_EQ(only_verdict(facts, "pcie-gen"), Verdict::unknown);
    test::note_load_everywhere(facts, "pcie_gen", 5);
    CHECK_EQ(only_verdict(facts, "pcie-gen"), Verdict::pass);
}

TEST_CASE("check: corrected errors that were counted once are unknown, not a pass") {
    Facts facts = test::healthy_node(8);
    facts.samples.clear();
    CHECK_EQ(only_verdict(facts, "ecc-correctable-rate"), Verdict::unknown);
    facts.intent.level = "quick";
    CHECK_EQ(only_verdict(facts, "ecc-correctable-rate"), Verdict::skip);
}

TEST_CASE("check: a fault of a program informs, a series of them on one GPU fails") {
    Facts facts = test::healthy_step();
    auto& health = test::gpu_of(facts, "n1", 3).health;
    health.xids = {13, 13, 13, 43};
    health.xid_times_s = {100, 100, 101, 101};
    auto findings = fired(facts, "xid-application");
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].verdict, Verdict::warn);
    CHECK_EQ(findings[0].severity, Severity::information);
    health.xid_times_s = {100, 4000, 8000, 8001};
    findings = fired(facts, "xid-application");
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].verdict, Verdict::fail);
    // The program, not the GPU: others meet the same.
    test::gpu_of(facts, "n1", 4).health = health;
    for (const Finding& finding : fired(facts, "xid-application"))
        CHECK_EQ(finding.verdict, Verdict::warn);
}

TEST_CASE("check: without the kernel log Xids are unknown") {
    Facts facts = test::healthy_node(8);
    for (auto& gpu : facts.nodes[0].gpus) gpu.health.xids.reset();
    CHECK_EQ(only_verdict(facts, "xid-hardware"), Verdict::unknown);
    CHECK_EQ(only_verdict(facts, "xid-application"), Verdict::unknown);
}

TEST_CASE("check: exclusive mode is right for one task on each GPU") {
    Facts facts = test::healthy_node(8);
    for (auto& gpu : facts.nodes[0].gpus) gpu.modes.compute_mode = 3;
    CHECK(fired(facts, "compute-mode").empty());
    facts.nodes[0].gpus[0].processes = {{4711, "python train.py", "", 0, false, false}};
    auto findings = fired(facts, "compute-mode");
    REQUIRE_EQ(findings.size(), 1);
    CHECK(findings[0].evidence.find("process 4711 has it already") != std::string::npos);
    facts.intent.share = 2;
    findings = fired(facts, "compute-mode");
    REQUIRE_EQ(findings.size(), 8);
    CHECK(findings[0].evidence.find("2 tasks are to share it") != std::string::npos);
    facts.nodes[0].mps = true;
    CHECK(fired(facts, "compute-mode").empty());
}

TEST_CASE("check: MIG that the job asked for by its type is expected") {
    Facts facts = test::healthy_node(8);
    for (auto& gpu : facts.nodes[0].gpus) {
        gpu.modes.mig_current = gpu.modes.mig_pending = true;
        gpu.modes.mig_instances = {"MIG-1"};
    }
    CHECK_FALSE(fired(facts, "mig-unexpected").empty());
    test::set_everywhere(facts, "SLURM_GPUS_PER_NODE", "1g.10gb:8");
    CHECK(fired(facts, "mig-unexpected").empty());
    facts.nodes[0].gpus[2].modes.mig_current = facts.nodes[0].gpus[2].modes.mig_pending = false;
    const auto findings = fired(facts, "mig-unexpected");
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].subject.gpu_uuid, test::uuid_of("n1", 2));
}

TEST_CASE("check: ECC that is off is a fault of data-centre models only") {
    Facts facts = test::healthy_node(8);
    for (auto& gpu : facts.nodes[0].gpus) gpu.health.ecc_current = gpu.health.ecc_pending = false;
    CHECK_EQ(only_verdict(facts, "ecc-off"), Verdict::fail);
    for (auto& gpu : facts.nodes[0].gpus) gpu.name = "NVIDIA RTX A6000";
    CHECK_EQ(only_verdict(facts, "ecc-off"), Verdict::skip);
}

TEST_CASE("check: a skew names the minority") {
    Facts facts = large_step();
    facts.nodes[41].driver = "570.86.15";
    const auto findings = fired(facts, "driver-skew");
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].subject.node, "n42");
    CHECK_EQ(findings[0].measured, "570.86.15");
    CHECK_EQ(findings[0].expected, "580.65.06");
    CHECK(findings[0].evidence.find("570.86.15 on n42") != std::string::npos);
    CHECK(findings[0].fix.find("--exclude=n42") != std::string::npos);
    Facts ranks = test::healthy_step();
    ranks.ranks[11].nccl.clear();
    const auto missing = fired(ranks, "cuda-nccl-skew");
    REQUIRE_EQ(missing.size(), 1);
    CHECK(missing[0].evidence.find("none on n2 (rank 11)") != std::string::npos);
}

TEST_CASE("check: a runtime of the next major version fails, of the next minor one warns") {
    Facts facts = test::healthy_step();
    for (auto& rank : facts.ranks) rank.cuda_runtime = "13.1";
    CHECK_EQ(only_verdict(facts, "driver-too-old"), Verdict::warn);
    for (auto& node : facts.nodes) node.cuda_driver_version = 12090;
    const auto findings = fired(facts, "driver-too-old");
    REQUIRE_EQ(findings.size(), 16);
    CHECK_EQ(findings[0].verdict, Verdict::fail);
    CHECK_EQ(findings[0].measured, "12.9");
}

TEST_CASE("check: a model without a known count is compared with its peers") {
    Facts facts = test::healthy_node(8);
    for (auto& gpu : facts.nodes[0].gpus) {
        gpu.name = "NVIDIA A100 80GB PCIe";
        gpu.links.nvlinks_active = 12;
    }
    CHECK_EQ(only_verdict(facts, "nvlink-down"), Verdict::pass);
    facts.nodes[0].gpus[4].links.nvlinks_active = 8;
    const auto findings = fired(facts, "nvlink-down");
    REQUIRE_EQ(findings.size(), 1);
    CHECK_EQ(findings[0].expected, "12");
}

TEST_CASE("check: Xids are told apart by what they ask for") {
    for (const int code : {46, 48, 62, 64, 74, 79, 95, 119, 120, 140}) {
        INFO(code);
        REQUIRE(check::find_xid(code) != nullptr);
        CHECK_EQ(check::find_xid(code)->kind, check::XidKind::hardware);
    }
    for (const int code : {13, 31, 43, 45}) {
        INFO(code);
        REQUIRE(check::find_xid(code) != nullptr);
        CHECK_EQ(check::find_xid(code)->kind, check::XidKind::application);
    }
    CHECK_EQ(check::find_xid(94)->kind, check::XidKind::watched);
    CHECK_EQ(check::find_xid(63)->kind, check::XidKind::information);
    CHECK(check::find_xid(0) == nullptr);
}

TEST_CASE("check: nobody is told to start a fabric manager on a node of a rack") {
    const auto advice = [](const char* model, int nodes, bool by_cuda) {
        Facts facts = test::healthy_step();
        const check::NodeFacts pattern = facts.nodes.front();
        facts.nodes.clear();
        for (int n = 1; n <= nodes; ++n) {
            check::NodeFacts node = pattern;
            node.name = fmt::format("n{}", n);
            for (check::GpuFacts& gpu : node.gpus) {
                gpu.name = model;
                gpu.uuid = test::uuid_of(node.name, gpu.index);
                if (!by_cuda) gpu.links.fabric_state = 2;
            }
            facts.nodes.push_back(node);
        }
        if (by_cuda) facts.ranks[0].cuda_status = 802;
        std::string text;
        for (const Finding& finding : fired(facts, "fabric-not-ready"))
            text += finding.evidence + " " + finding.fix + "\n";
        return text;
    };
    const auto starts = [](const std::string& text) {
        return text.find("systemctl start nvidia-fabricmanager") != std::string::npos;
    };
    for (const char* model : {"NVIDIA GB200", "NVIDIA GB300", "NVIDIA GB200 NVL72"}) {
        for (const int nodes : {1, 2, 18}) {
            INFO((std::string(model) + " on " + std::to_string(nodes)));
            const std::string text = advice(model, nodes, false);
            CHECK(text.find("switch trays") != std::string::npos);
            CHECK_FALSE(starts(text));
        }
        const std::string refused = advice(model, 1, true);
        CHECK(refused.find("nvidia-imex-ctl") != std::string::npos);
        CHECK_FALSE(starts(refused));
    }
    for (const char* model : {"NVIDIA H100 80GB HBM3", "NVIDIA B200", "NVIDIA B300"})
        CHECK(starts(advice(model, 1, false)));
}

TEST_CASE("check: what the driver asks for and is not known here is unknown") {
    Facts facts = test::healthy_node(8);
    for (auto& gpu : facts.nodes[0].gpus) gpu.health.recovery_action = 99;
    CHECK_EQ(only_verdict(facts, "recovery-action"), Verdict::unknown);
    for (auto& gpu : facts.nodes[0].gpus) gpu.health.recovery_action = 7;
    const auto findings = fired(facts, "recovery-action");
    REQUIRE_EQ(findings.size(), 8);
    CHECK(findings[0].fix.find("reboot") != std::string::npos);
}
