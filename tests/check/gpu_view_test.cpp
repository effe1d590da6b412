// SPDX-License-Identifier: Apache-2.0
// What a process sees of its node's GPUs, by name.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "runtime/check/gpu_shares.hpp"
#include "runtime/check/gpu_view.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/healthy_step.hpp"
#include "tests/check/seen_gpus.hpp"
#include "tests/check/watched_step.hpp"

using namespace warpstep;
using check::Facts;
using check::GpuView;
using check::Verdict;

namespace {

using Names = std::vector<std::string>;

Names gpus(const std::vector<int>& numbers) {
    Names names;
    for (const int number : numbers) names.push_back(test::uuid_of("n1", number));
    return names;
}

/// Of rank 0, without CUDA's own word.
GpuView view_with(Facts facts, const char* visible) {
    facts.ranks[0].cuda_gpus.reset();
    facts.ranks[0].env["CUDA_VISIBLE_DEVICES"] = visible;
    return check::view_of(facts, facts.ranks[0]);
}

Verdict verdict_of(const Facts& facts, const char* rule) {
    return check::judge(facts, std::vector<const check::Rule*>{check::find_rule(rule)})
        .findings.front()
        .verdict;
}

}  // namespace

TEST_CASE("check: CUDA_VISIBLE_DEVICES is read as CUDA reads it") {
    const Facts facts = test::healthy_step();
    CHECK_EQ(view_with(facts, "2,0").visible, gpus({2, 0}));
    CHECK_EQ(view_with(facts, "1,9,2").visible, gpus({1}));
    CHECK_EQ(view_with(facts, "-1").visible, Names{});
    CHECK_EQ(view_with(facts, "").visible, Names{});
    CHECK_EQ(view_with(facts, test::uuid_of("n1", 5).c_str()).visible, gpus({5}));
    CHECK_EQ(view_with(facts, "no,such").visible, Names{});
}

TEST_CASE("check: CUDA's own word counts more than the variable") {
    Facts facts = test::healthy_step();
    facts.ranks[0].env["CUDA_VISIBLE_DEVICES"] = "0";
    CHECK_EQ(check::view_of(facts, facts.ranks[0]).visible->size(), 8u);
    facts.ranks[0].cuda_status = 999;
    CHECK_EQ(check::view_of(facts, facts.ranks[0]).visible, gpus({0}));
}

TEST_CASE("check: inside a devices cgroup CUDA counts from 0 and Slurm as before") {
    const Facts facts = test::upper_half_in_cgroup();
    const GpuView view = view_with(facts, "0,1");
    CHECK_EQ(view.visible, gpus({4, 5}));
    CHECK_EQ(view.granted, gpus({4, 5, 6, 7}));
    CHECK_EQ(view.reachable, gpus({4, 5, 6, 7}));
}

TEST_CASE("check: Slurm's numbers are device files where some GPUs are hidden from everybody") {
    Facts facts = test::upper_half_in_cgroup();
    auto& all = facts.nodes[0].gpus;
    all.erase(all.begin(), all.begin() + 4);
    CHECK_EQ(view_with(facts, "0,1").granted, gpus({4, 5, 6, 7}));
    facts.ranks[0].env["SLURM_STEP_GPUS"] = "4-6";
    CHECK_EQ(view_with(facts, "0,1").granted, gpus({4, 5, 6}));
    facts.ranks[0].env["SLURM_STEP_GPUS"] = "1";
    const GpuView hidden = view_with(facts, "0,1");
    CHECK_FALSE(hidden.granted.has_value());
    CHECK_FALSE(hidden.granted_problem.empty());
}

TEST_CASE("check: where device files do not ascend with PCI addresses, positions count") {
    Facts facts = test::healthy_step();
    for (check::GpuFacts& gpu : facts.nodes[0].gpus) gpu.minor = 7 - gpu.minor;
    facts.ranks[0].env["SLURM_STEP_GPUS"] = "0,1";
    CHECK_EQ(view_with(facts, "0").granted, gpus({0, 1}));
}

TEST_CASE("check: without NVML and CUDA nothing is known, except on a described machine") {
    Facts facts = test::healthy_step();
    facts.ranks[0].nvml_gpus.reset();
    const GpuView unknown = view_with(facts, "0");
    CHECK_FALSE(unknown.visible.has_value());
    CHECK_FALSE(unknown.visible_problem.empty());
    facts.nodes[0].described = true;
    CHECK_EQ(view_with(facts, "3").visible, gpus({3}));
}

TEST_CASE("check: MIG instances go by their names, numbers mean the first one of a GPU") {
    Facts facts = test::healthy_step();
    test::cut_gpus(facts);
    CHECK_EQ(view_with(facts, "MIG-n1-3-1").visible, Names{"MIG-n1-3-1"});
    CHECK_EQ(view_with(facts, "3").visible, Names{"MIG-n1-3-0"});
    CHECK_EQ(view_with(facts, "MIG-n1-0-0").granted, Names{"MIG-n1-0-0"});
}

TEST_CASE("check: ranks that see the same GPUs share them out, one each") {
    const auto owned = check::own_gpus(test::healthy_step());
    std::set<std::string> used;
    for (const auto& [rank, gpu] : owned) used.insert(gpu);
    CHECK_EQ(owned.size(), 16u);
    CHECK_EQ(used.size(), 16u);
    CHECK_EQ(owned.at(3), test::uuid_of("n1", 3));
}

TEST_CASE("check: a rank makes room for one that has no other choice") {
    Facts facts = test::healthy_node(3);
    test::give_gpus(facts.ranks[0], {0, 1});
    test::give_gpus(facts.ranks[1], {0, 2});
    test::give_gpus(facts.ranks[2], {0});
    auto owned = check::own_gpus(facts);
    CHECK_EQ(owned.at(0), test::uuid_of("n1", 1));
    CHECK_EQ(owned.at(1), test::uuid_of("n1", 2));
    CHECK_EQ(owned.at(2), test::uuid_of("n1", 0));
    // Nobody sees GPU 0 alone, but one of three must take what is left.
    test::give_gpus(facts.ranks[0], {0, 1});
    test::give_gpus(facts.ranks[1], {0, 1});
    test::give_gpus(facts.ranks[2], {1, 2});
    CHECK_EQ(check::own_gpus(facts).size(), 3u);
    test::give_gpus(facts.ranks[2], {0, 1});
    CHECK_EQ(check::own_gpus(facts).size(), 2u);
}

TEST_CASE("check: granted are the GPUs of all tasks of a node") {
    Facts facts = test::healthy_step();
    for (check::GpuFacts& gpu : facts.nodes[0].gpus) gpu.granted = gpu.index == 0;
    test::give_each_its_own(facts);
    CHECK_EQ(check::granted_on(facts, facts.nodes[0]).size(), 8u);
    test::unset_everywhere(facts, "SLURM_STEP_GPUS");
    CHECK_EQ(check::granted_on(facts, facts.nodes[0]), gpus({0}));
}

TEST_CASE("check: visible GPUs are right by any name, and where the tasks deal them out") {
    Facts facts = test::healthy_step();
    CHECK_EQ(verdict_of(facts, "gpu-visible-set"), Verdict::pass);
    for (check::RankFacts& rank : facts.ranks) test::show_gpus(rank, {rank.local_rank});
    CHECK_EQ(verdict_of(facts, "gpu-visible-set"), Verdict::pass);
    test::set_everywhere(facts, "SLURM_STEP_GPUS", "0-7");
    CHECK_EQ(verdict_of(facts, "gpu-visible-set"), Verdict::pass);
    CHECK_EQ(verdict_of(test::upper_half_in_cgroup(), "gpu-visible-set"), Verdict::pass);
    test::unset_everywhere(facts, "SLURM_STEP_GPUS");
    CHECK_EQ(verdict_of(facts, "gpu-visible-set"), Verdict::skip);
}

TEST_CASE("check: what nobody sees is not judged while ranks of the node are silent") {
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) test::show_gpus(rank, {0});
    CHECK_EQ(verdict_of(facts, "gpu-visible-set"), Verdict::fail);
    facts.ranks = {facts.ranks[0], facts.ranks[8]};
    CHECK_EQ(verdict_of(facts, "gpu-visible-set"), Verdict::pass);
}

TEST_CASE("check: a view that is not known is UNKNOWN, not right") {
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) {
        rank.cuda_gpus.reset();
        rank.nvml_gpus.reset();
    }
    for (const char* rule : {"gpu-visible-set", "gpu-shared-by-ranks", "gpu-hidden-peers"}) {
        INFO(rule);
        CHECK_EQ(verdict_of(facts, rule), Verdict::unknown);
    }
}

TEST_CASE("check: a GPU may be shared when that was said, or when MPS runs") {
    Facts facts = test::healthy_step();
    test::give_gpus(facts.ranks[0], {0});
    test::give_gpus(facts.ranks[1], {0});
    CHECK_EQ(verdict_of(facts, "gpu-shared-by-ranks"), Verdict::fail);
    facts.intent.share = 2;
    CHECK_EQ(verdict_of(facts, "gpu-shared-by-ranks"), Verdict::pass);
    test::give_gpus(facts.ranks[2], {0});
    CHECK_EQ(verdict_of(facts, "gpu-shared-by-ranks"), Verdict::fail);
    facts.nodes[0].mps = true;
    CHECK_EQ(verdict_of(facts, "gpu-shared-by-ranks"), Verdict::pass);
}

TEST_CASE("check: one trouble of many ranks is said of each") {
    Facts facts = test::healthy_step();
    test::set_everywhere(facts, "CUDA_LAUNCH_BLOCKING", "1");
    const auto findings =
        check::judge(facts, std::vector<const check::Rule*>{check::find_rule("gpu-env")}).findings;
    REQUIRE_EQ(findings.size(), 16u);
    CHECK_EQ(findings[3].evidence.rfind("CUDA_LAUNCH_BLOCKING=1 ", 0), 0u);
    CHECK_EQ(findings[3].subject.rank, 3);
}

TEST_CASE("check: children that only load data do no harm while every GPU is used") {
    Facts facts = test::healthy_step();
    test::watch_programs(facts);
    for (int i = 0; i < 4; ++i)
        facts.programs.push_back(test::forked_from(facts.programs[0], 6000 + i));
    CHECK_EQ(verdict_of(facts, "program-fork-after-cuda"), Verdict::pass);
}

TEST_CASE("check: on a described machine open device files tell what programs use") {
    Facts facts = test::healthy_step();
    for (check::NodeFacts& node : facts.nodes) {
        node.described = true;
        for (check::GpuFacts& gpu : node.gpus) gpu.processes.clear();
    }
    test::watch_programs(facts);
    for (check::ProgramFacts& program : facts.programs) {
        program.gpus.clear();
        program.has_cuda_context = false;
    }
    CHECK_EQ(verdict_of(facts, "program-one-gpu"), Verdict::pass);
    for (check::ProgramFacts& program : facts.programs) program.open_gpu_minors = {0};
    CHECK_EQ(verdict_of(facts, "program-one-gpu"), Verdict::fail);
}

TEST_CASE("check: numbers of whole GPUs are not taken for those of MIG instances") {
    Facts facts = test::healthy_step();
    auto& gpu = facts.nodes[0].gpus[0];
    gpu.modes.mig_current = true;
    gpu.modes.mig_instances = {test::instance_of("n1", 0, 0), test::instance_of("n1", 0, 1)};
    const GpuView view = check::view_of(facts, facts.ranks[0]);
    CHECK_FALSE(view.granted.has_value());
    CHECK_FALSE(view.granted_problem.empty());
    facts.nodes[0].configured_gpus = 9;
    CHECK_EQ(check::view_of(facts, facts.ranks[0]).granted->size(), 8u);
}
