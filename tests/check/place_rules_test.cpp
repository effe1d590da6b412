// SPDX-License-Identifier: Apache-2.0
// Rules of CPUs, limits and the network where they must not say PASS, must be silent, or say it
// once.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "runtime/check/rules.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/healthy_step.hpp"

using namespace warpstep;
using check::Facts;
using check::Finding;
using check::Verdict;

namespace {

std::vector<Finding> judged(const Facts& facts) {
    std::vector<const check::Rule*> chosen;
    for (auto family : {check::families::cpus, check::families::limits, check::families::network}) {
        for (const check::Rule& rule : family()) chosen.push_back(check::find_rule(rule.id));
    }
    return check::judge(facts, chosen).findings;
}

std::string ids_with(const std::vector<Finding>& findings, std::initializer_list<Verdict> wanted) {
    std::set<std::string> ids;
    for (const Finding& finding : findings) {
        if (std::find(wanted.begin(), wanted.end(), finding.verdict) != wanted.end())
            ids.insert(finding.rule);
    }
    std::string text;
    for (const std::string& id : ids) text += id + " ";
    return text;
}

std::string verdicts_of(const Facts& facts, const char* rule) {
    std::set<std::string> verdicts;
    for (const Finding& finding : check::judge(facts, {check::find_rule(rule)}).findings)
        verdicts.insert(std::string(name_of(finding.verdict)));
    std::string text;
    for (const std::string& verdict : verdicts) text += verdict + " ";
    return text;
}

/// What every rank and node is asked for, and does not tell.
Facts nothing_told() {
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) {
        rank.cpus = rank.mems = rank.memory_policy = "";
        rank.shm_free_bytes.reset();
        rank.interfaces.clear();
        rank.own_addresses.clear();
        rank.clock_offset_s.reset();
        rank.boot_id = "";
        rank.env["MASTER_ADDR"] = "n1";
        rank.master_addresses = {"10.0.0.1"};
        rank.env["MASTER_PORT"] = "61000";
        rank.ephemeral_low.reset();
    }
    for (check::NodeFacts& node : facts.nodes) {
        node.governors.clear();
        node.numa_balancing.reset();
        node.allowed_cpus = "";
        node.acs_redirect.reset();
        node.modules.clear();
        node.dma_buf.reset();
        for (check::NicFacts& nic : node.nics) nic.state = "";
    }
    return facts;
}

}  // namespace

TEST_CASE("check: what could not be read is unknown, never passed") {
    const auto findings = judged(nothing_told());
    for (const char* rule : {"slurm-cpus-not-inherited",
                             "cpu-exact-without-c",
                             "cpu-one-core",
                             "cpu-too-few",
                             "cpu-unbound",
                             "cpu-overlap",
                             "cpu-far-from-gpu",
                             "cpu-quota",
                             "cpu-governor",
                             "cpu-omp",
                             "numa-policy-remote",
                             "numa-mems-excluded",
                             "numa-balancing",
                             "box-shm-small",
                             "net-no-common-interface",
                             "net-master-port-used",
                             "net-master-port-ephemeral",
                             "net-loopback-name",
                             "net-master-address",
                             "net-host-identity",
                             "net-port",
                             "net-gdr-off",
                             "net-acs-iommu",
                             "clock-skew"}) {
        INFO(rule);
        CHECK_EQ(verdicts_of(nothing_told(), rule), "UNKNOWN ");
    }
    CHECK_EQ(ids_with(findings, {Verdict::fail, Verdict::warn}), "");
    Facts outside = nothing_told();
    test::unset_everywhere(outside, "SLURM_JOB_ID");
    CHECK_EQ(verdicts_of(outside, "cpu-outside-cpuset"), "UNKNOWN ");
}

TEST_CASE("check: on a described node the machine below it is not judged") {
    Facts facts = test::healthy_step();
    for (check::NodeFacts& node : facts.nodes) {
        node.described = true;
        node.offline_cpus = "3";
        node.governors = {{"powersave", "0-1"}};
        node.numa_balancing = node.acs_redirect = node.iommu_translating = true;
        node.modules.clear();
        node.dma_buf = false;
        for (check::NicFacts& nic : node.nics) nic.state = "DOWN";
    }
    for (check::RankFacts& rank : facts.ranks) {
        rank.cpus = rank.online_cpus = "0-1";
        rank.mems = "7";
        rank.memory_policy = "interleave 0-1";
        rank.cpu_quota = 1;
        rank.memlock = {65536, 65536};
        rank.uvm_openable.reset();
    }
    CHECK_EQ(ids_with(judged(facts), {Verdict::fail, Verdict::warn, Verdict::unknown}), "");
}

TEST_CASE("check: a machine without GPUs, fabric and Slurm is not reproached with it") {
    Facts facts = test::healthy_node(1);
    facts.nodes[0].gpus.clear();
    facts.nodes[0].nics.clear();
    facts.nodes[0].has_nvidia = false;
    facts.nodes[0].slurm_version = "";
    check::RankFacts& rank = facts.ranks[0];
    rank.env = {{"OMP_NUM_THREADS", "1"}};
    rank.omp_threads = 1;
    rank.cpus = "0";
    rank.nvml_gpus.reset();
    rank.cuda_gpus.reset();
    rank.uvm_openable.reset();
    rank.memlock = {65536, 65536};
    rank.memory_policy = "default";
    CHECK_EQ(ids_with(judged(facts), {Verdict::fail, Verdict::warn}), "");
}

TEST_CASE("check: newer versions of Slurm are not blamed for what older ones do") {
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) {
        rank.cpus = std::to_string(14 * rank.local_rank);
        rank.env["SLURM_CPUS_PER_GPU"] = "28";
    }
    CHECK_EQ(verdicts_of(facts, "slurm-cpus-not-inherited"), "WARN ");
    for (check::NodeFacts& node : facts.nodes) node.slurm_version = "23.11.4";
    CHECK_EQ(verdicts_of(facts, "slurm-cpus-not-inherited"), "SKIP ");
    CHECK_EQ(verdicts_of(facts, "cpu-per-gpu-ignored"), "SKIP ");
    CHECK_EQ(verdicts_of(facts, "cpu-one-core"), "WARN ");
    for (check::NodeFacts& node : facts.nodes) node.slurm_version = "21.08.8";
    CHECK_EQ(verdicts_of(facts, "slurm-cpus-not-inherited"), "SKIP ");
}

TEST_CASE("check: the default memory policy is judged by the CPUs it follows") {
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) rank.memory_policy = "default";
    CHECK_EQ(verdicts_of(facts, "numa-policy-remote"), "PASS ");
    for (check::RankFacts& rank : facts.ranks) rank.cpus = "0-223";
    CHECK_EQ(verdicts_of(facts, "numa-policy-remote"), "SKIP ");
}

TEST_CASE("check: second threads switched off on purpose are no offline CPUs") {
    Facts facts = test::healthy_step();
    for (check::NodeFacts& node : facts.nodes) {
        node.offline_cpus = "112-223";
        for (std::string& core : node.cores) core = core.substr(0, core.find(','));
    }
    CHECK_EQ(verdicts_of(facts, "cpu-quota"), "PASS ");
}

TEST_CASE("check: a proxy's value, which may hold a password, is not told") {
    Facts facts = test::healthy_step();
    test::set_everywhere(facts, "https_proxy", "http://user:secret@proxy:3128");
    for (const Finding& finding : check::judge(facts, {check::find_rule("net-proxy")}).findings) {
        CHECK_EQ(finding.verdict, Verdict::warn);
        CHECK_EQ((finding.evidence + finding.fix + finding.measured).find("secret"),
                 std::string::npos);
    }
}

TEST_CASE("check: a port that NCCL_IB_HCA leaves out may be down") {
    Facts facts = test::healthy_step();
    facts.nodes[1].nics[3].state = "DOWN";
    CHECK_EQ(verdicts_of(facts, "net-port"), "FAIL PASS ");
    test::set_everywhere(facts, "NCCL_IB_HCA", "^=mlx5_3:1");
    CHECK_EQ(verdicts_of(facts, "net-port"), "PASS ");
}
