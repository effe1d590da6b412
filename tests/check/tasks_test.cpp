// SPDX-License-Identifier: Apache-2.0
// What the rules about launch and grant have in common.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "runtime/check/rules.hpp"
#include "runtime/check/rules/grant.hpp"
#include "runtime/check/rules/launchers.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/tasks.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/healthy_step.hpp"

using namespace warpstep;
using namespace warpstep::check;

namespace {

std::vector<Finding> judged(const Facts& facts, const char* rule) {
    return judge(facts, std::vector<const Rule*>{find_rule(rule)}).findings;
}

Finding only(const Facts& facts, const char* rule) {
    const auto findings = judged(facts, rule);
    REQUIRE_EQ(findings.size(), 1);
    return findings.front();
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("check: a count of GPUs is read with and without types") {
    CHECK_EQ(count_gpus("8"), 8);
    CHECK_EQ(count_gpus("h100:2"), 2);
    CHECK_EQ(count_gpus("gpu:h100:2(S:0-1)"), 2);
    CHECK_EQ(count_gpus("a100:4,h100:2"), 6);
    CHECK_FALSE(count_gpus("").has_value());
    CHECK_FALSE(count_gpus("h100").has_value());
    CHECK_FALSE(count_gpus("h100:-1").has_value());
}

TEST_CASE("check: the program is found behind Python and its module") {
    CHECK_EQ(program_of({"/usr/bin/torchrun", "x.py"}), "torchrun");
    CHECK_EQ(program_of({"python3", "-u", "/opt/bin/accelerate", "launch"}), "accelerate");
    CHECK_EQ(program_of({"python", "-m", "torch.distributed.run"}), "torch.distributed.run");
    CHECK_EQ(program_of({}), "");
    CHECK_EQ(per_node_launcher({"mpiexec", "-n", "4", "./a"}), "mpiexec");
    CHECK_EQ(per_node_launcher({"python", "torchrunner.py"}), "");
}

TEST_CASE("check: GPUs of a task are its step's, else what is visible, and ranges are read") {
    Facts facts = test::healthy_node(1);
    auto& env = facts.ranks.front().env;
    const auto given = [&] { return given_gpus(tasks_of(facts).front()); };
    env["SLURM_STEP_GPUS"] = "0,2-3";
    CHECK_EQ(given(), std::set<std::string>{"0", "2", "3"});
    env.erase("SLURM_STEP_GPUS");
    env["CUDA_VISIBLE_DEVICES"] = "GPU-1a-2b, MIG-3c";
    CHECK_EQ(given(), std::set<std::string>{"GPU-1a-2b", "MIG-3c"});
    env.erase("CUDA_VISIBLE_DEVICES");
    CHECK_EQ(given().size(), 8);
    facts.ranks.front().nvml_gpus.reset();
    CHECK(given().empty());
}

TEST_CASE("check: what is wrong with ranks is said of each of them") {
    Facts facts = test::healthy_step();
    for (RankFacts& rank : facts.ranks) rank.pmix.size = rank.rank < 3 ? 1 : 16;
    const auto findings = judged(facts, "slurm-pmix-size");
    REQUIRE_EQ(findings.size(), 3);
    for (int rank = 0; rank < 3; ++rank)
        CHECK_EQ(findings[static_cast<std::size_t>(rank)].subject, Subject{"n1", rank, "", "", ""});
}

TEST_CASE("check: outside a job, and where no GPUs are granted, tasks against GPUs do not apply") {
    for (const char* rule :
         {"grant-one-task", "grant-idle-gpus", "slurm-tasks-per-gpu", "grant-gpus-inherited"}) {
        INFO(rule);
        Facts facts = test::healthy_step();
        for (RankFacts& rank : facts.ranks) rank.env.erase("SLURM_GPUS_ON_NODE");
        CHECK_EQ(only(facts, rule).verdict, Verdict::skip);
        for (RankFacts& rank : facts.ranks) {
            rank.env.clear();
            rank.cgroup.clear();
            rank.started_by = "none";
        }
        CHECK_EQ(only(facts, rule).verdict, Verdict::skip);
    }
}

TEST_CASE("check: a long list of nodes is cut") {
    std::vector<std::string> names;
    for (int n = 0; n < 128; ++n) names.push_back("n" + std::to_string(n));
    CHECK_EQ(show_names(names), "n0, n1, n2, n3, n4, n5, n6, n7 and 120 more");
    CHECK_EQ(show_ranks({7, 0, 2, 1}), "ranks 0-2,7");
    CHECK_EQ(show_ranks({3}), "rank 3");
}

TEST_CASE("check: the cause that comes first hides those behind it") {
    Facts facts = test::healthy_node(1);
    CHECK_EQ(only(facts, "grant-one-task").verdict, Verdict::warn);
    facts.ranks.front().started_by = "batch";
    facts.ranks.front().env.erase("SLURM_STEP_ID");
    facts.ranks.front().env.erase("PMIX_NAMESPACE");
    CHECK_EQ(only(facts, "launch-no-srun").verdict, Verdict::warn);
    CHECK_EQ(only(facts, "grant-one-task").verdict, Verdict::skip);

    // Without PMIx each task knows of itself only.
    facts = test::healthy_step();
    facts.size = 1;
    facts.ranks.resize(1);
    RankFacts& rank = facts.ranks.front();
    rank.size = rank.local_size = 1;
    rank.pmix = {};
    rank.env.erase("PMIX_NAMESPACE");
    CHECK_EQ(only(facts, "slurm-pmix-missing").verdict, Verdict::fail);
    CHECK_EQ(only(facts, "grant-one-task").verdict, Verdict::skip);
}

TEST_CASE("check: fixes name the numbers and the command") {
    Facts facts = test::healthy_node(1);
    facts.ranks.front().command = {"python", "train.py"};
    CHECK(contains(only(facts, "grant-one-task").fix,
                   "srun --mpi=pmix --ntasks-per-node=8 python train.py"));
    test::set_everywhere(facts, "SLURM_GPUS_ON_NODE", "h100:8");
    CHECK(contains(only(facts, "grant-one-task").fix, "--ntasks-per-node=8"));
}

TEST_CASE("check: one launcher per node, or GPUs asked for per task, are no single task") {
    Facts facts = test::healthy_node(1);
    facts.ranks.front().command = {"torchrun", "--nproc-per-node=8", "train.py"};
    CHECK_EQ(only(facts, "grant-one-task").verdict, Verdict::pass);
    facts.ranks.front().command.clear();
    test::set_everywhere(facts, "SLURM_TRES_PER_TASK", "cpu:4,gres/gpu:8");
    CHECK_EQ(only(facts, "grant-one-task").verdict, Verdict::pass);
}

TEST_CASE("check: rules follow the version of Slurm") {
    Facts facts = test::healthy_node(1);
    test::set_everywhere(facts, "SLURM_NTASKS_PER_NODE", "8");
    CHECK_EQ(only(facts, "grant-gpus-inherited").verdict, Verdict::warn);
    facts.nodes.front().slurm_version = "";
    CHECK_EQ(only(facts, "grant-gpus-inherited").verdict, Verdict::unknown);
    facts.nodes.front().slurm_version = "24.11.1";
    CHECK_EQ(only(facts, "grant-gpus-inherited").verdict, Verdict::skip);

    facts = test::healthy_step();
    for (RankFacts& rank : facts.ranks) rank.nvml_gpus->resize(1);
    for (RankFacts& rank : facts.ranks)
        rank.nvml_gpus->front().uuid = test::uuid_of(rank.node, rank.local_rank);
    for (const Finding& finding : judged(facts, "slurm-gpu-isolated"))
        CHECK_FALSE(contains(finding.fix, "allow-task-sharing"));
    for (NodeFacts& node : facts.nodes) node.slurm_version = "23.11.4";
    CHECK_EQ(judged(facts, "slurm-gpu-isolated").size(), 2);
    for (const Finding& finding : judged(facts, "slurm-gpu-isolated"))
        CHECK(contains(finding.fix, "allow-task-sharing"));
}

TEST_CASE("check: rules of launch and grant do not trip over absent and odd values") {
    for (const bool empty : {true, false}) {
        Facts facts = test::healthy_step();
        for (RankFacts& rank : facts.ranks) {
            for (auto& [name, value] : rank.env) {
                if (name != "SLURM_JOB_ID") value = empty ? "" : "h100:x,[(";
            }
            rank.nvml_gpus.reset();
        }
        for (auto family : {families::launch, families::grant, families::lifecycle}) {
            for (const Rule& rule : family()) {
                for (const Finding& finding : judged(facts, rule.id)) {
                    INFO(finding.rule, ": ", finding.evidence);
                    CHECK_FALSE(contains(finding.evidence, "could not be applied"));
                }
            }
        }
    }
}

TEST_CASE("check: outside Slurm no rule of launch and grant fires") {
    Facts facts = test::healthy_node(8);
    for (RankFacts& rank : facts.ranks) {
        rank.env.clear();
        rank.cgroup.clear();
        rank.started_by = "local";
        rank.pmix = {};
    }
    for (auto family : {families::launch, families::grant, families::lifecycle}) {
        for (const Rule& rule : family()) {
            for (const Finding& finding : judged(facts, rule.id)) {
                INFO(finding.rule, ": ", finding.evidence);
                CHECK((finding.verdict == Verdict::skip || finding.verdict == Verdict::pass));
            }
        }
    }
}
