// SPDX-License-Identifier: Apache-2.0
// One sentence says how many GPUs are used, and what hides behind the rest.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/check/rules.hpp"
#include "runtime/check/verdict.hpp"
#include "tests/check/healthy_step.hpp"
#include "tests/check/seen_gpus.hpp"
#include "tests/check/watched_step.hpp"

using namespace warpstep;
using check::Facts;
using check::Finding;
using check::Severity;
using check::Verdict;

namespace {

Finding finding(const std::string& rule, Verdict verdict, Severity severity = Severity::error) {
    Finding result;
    result.rule = rule;
    result.severity = severity;
    result.verdict = verdict;
    result.evidence = "evidence of " + rule;
    result.fix = "Fix of " + rule + ".";
    return result;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

const std::vector<std::string> order{
    "launch-no-srun",
    "slurm-pmix-missing",
    "grant-one-task",
    "grant-gpu-not-requested",
    "grant-exclusive-without-gpus",
    "gpu-visible-set",
    "program-visible-changed",
    "program-fork-after-cuda",
    "program-one-gpu",
    "gpu-ordinal",
    "program-ordinal",
};

}  // namespace

TEST_CASE(
    "check: of two causes the more severe one leads, of equals the one that hides the other") {
    for (std::size_t first = 0; first < order.size(); ++first) {
        for (std::size_t second = first + 1; second < order.size(); ++second) {
            INFO(order[first], " and ", order[second]);
            const auto lead = [&](Verdict of_first, Verdict of_second) {
                const std::vector<Finding> findings{
                    finding(order[second], of_second, Severity::warning),
                    finding(order[first], of_first, Severity::warning)};
                const Finding* cause = check::main_cause(findings);
                REQUIRE(cause != nullptr);
                return cause->rule;
            };
            CHECK_EQ(lead(Verdict::fail, Verdict::fail), order[first]);
            CHECK_EQ(lead(Verdict::warn, Verdict::warn), order[first]);
            CHECK_EQ(lead(Verdict::fail, Verdict::warn), order[first]);
            CHECK_EQ(lead(Verdict::warn, Verdict::fail), order[second]);
        }
    }
}

TEST_CASE("check: an information never leads") {
    const auto name = finding("launch-job-name", Verdict::warn, Severity::information);
    CHECK_EQ(check::main_cause({name}), nullptr);
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) test::show_gpus(rank, {0});
    CHECK(contains(check::answer(facts, {name, finding("gpu-visible-set", Verdict::fail)}),
                   "gpu-visible-set"));
    CHECK(
        contains(check::answer(facts, {finding("gpu-ordinal", Verdict::warn, Severity::information),
                                       finding("gpu-busy", Verdict::warn, Severity::warning)}),
                 "GPUs"));
}

TEST_CASE("check: every cause is a rule") {
    for (const std::string& cause : order) {
        INFO(cause);
        CHECK_NE(check::find_rule(cause), nullptr);
    }
}

TEST_CASE("check: what passes, is unknown or is about something else is no cause") {
    CHECK_EQ(check::main_cause({}), nullptr);
    CHECK_EQ(
        check::main_cause(
            {finding("launch-no-srun", Verdict::pass), finding("gpu-visible-set", Verdict::unknown),
             finding("grant-one-task", Verdict::skip), finding("gpu-busy", Verdict::fail)}),
        nullptr);
}

TEST_CASE("check: the answer counts the GPUs when all are used") {
    CHECK_EQ(check::answer(test::healthy_step(), {}),
             "all 16 GPUs of 2 nodes are used, one rank each; nothing to do");
    CHECK_EQ(check::answer(test::healthy_node(8), {}),
             "all 8 GPUs are used, one rank each; nothing to do");
}

TEST_CASE("check: the answer says which GPU has no task and how many to start") {
    CHECK_EQ(check::answer(test::healthy_node(7), {}),
             "7 of 8 GPUs are used; " + test::uuid_of("n1", 7) +
                 " on n1 has no task: start 8 tasks per node (srun --ntasks-per-node=8)");
    CHECK_EQ(check::answer(test::healthy_node(1), {}),
             "1 of 8 GPUs is used; 7 GPUs, such as " + test::uuid_of("n1", 1) +
                 " on n1, have no task: start 8 tasks per node (srun --ntasks-per-node=8)");
}

TEST_CASE("check: where nodes were given different numbers of GPUs no single number is advised") {
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) {
        if (rank.node != "n2") continue;
        test::give_gpus(rank, {0, 1});
        rank.env["SLURM_GPUS_ON_NODE"] = "2";
    }
    for (std::size_t i = 2; i < 8; ++i) facts.nodes[1].gpus[i].granted = false;
    CHECK(contains(check::answer(facts, {}),
                   "all 10 GPUs of 2 nodes are used, one rank each, and 6 ranks find none left"));
    test::give_gpus(facts.ranks[0], {1});
    test::give_gpus(facts.ranks[1], {1});
    CHECK(contains(check::answer(facts, {}), "9 of 10 GPUs are used"));
    CHECK(contains(check::answer(facts, {}), "--ntasks-per-gpu=1"));
}

TEST_CASE("check: without a launcher the answer speaks of local ranks") {
    Facts facts = test::healthy_node(1);
    facts.ranks[0].env.clear();
    CHECK(contains(check::answer(facts, {}), "warpstep run --local-ranks 8"));
}

TEST_CASE("check: the answer gives the main cause with its fix, and the use of the GPUs first") {
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) test::show_gpus(rank, {0});
    CHECK_EQ(check::answer(facts, {finding("gpu-busy", Verdict::fail),
                                   finding("gpu-visible-set", Verdict::fail)}),
             "2 of 16 GPUs are used; evidence of gpu-visible-set (gpu-visible-set): fix of "
             "gpu-visible-set");
}

TEST_CASE("check: without a cause the worst finding is the answer") {
    const Facts facts = test::healthy_step();
    const auto warning = finding("gpu-env", Verdict::warn, Severity::warning);
    const auto error = finding("ecc-uncorrectable", Verdict::fail);
    CHECK(contains(check::answer(facts, {warning, error}), "ecc-uncorrectable"));
    CHECK(contains(check::answer(facts, {warning}), "gpu-env"));
    CHECK(contains(
        check::answer(facts, {finding("gpu-renumbered", Verdict::warn, Severity::information)}),
        "nothing to do"));
}

TEST_CASE("check: a warning of another kind does not explain idle GPUs, an error comes first") {
    const Facts facts = test::healthy_node(7);
    const auto warning = finding("gpu-env", Verdict::warn, Severity::warning);
    CHECK(contains(check::answer(facts, {warning}), "start 8 tasks per node"));
    const auto error = finding("gpu-lost", Verdict::fail);
    CHECK(contains(check::answer(facts, {warning, error}), "fix of gpu-lost"));
}

TEST_CASE("check: the answer names the GPU or rank that a finding is about") {
    Finding on_gpu = finding("ecc-uncorrectable", Verdict::fail);
    on_gpu.subject = {"n2", -1, "GPU-1", "", ""};
    CHECK(contains(check::answer(test::healthy_step(), {on_gpu}),
                   "; GPU-1 on n2: evidence of ecc-uncorrectable"));
}

TEST_CASE("check: what was not measured is not called used") {
    Facts facts = test::healthy_step();
    for (check::RankFacts& rank : facts.ranks) {
        rank.cuda_gpus.reset();
        rank.nvml_gpus.reset();
        rank.nvml_problem = "driver and library do not match";
    }
    const std::string answer = check::answer(facts, {});
    CHECK_EQ(answer,
             "how many GPUs are used could not be measured (driver and library do not match); "
             "nothing is wrong with what was judged");
    CHECK(contains(check::answer(test::healthy_step(), {finding("gpu-busy", Verdict::unknown)}),
                   "nothing to do, but 1 rule could not be measured"));
    CHECK(contains(check::answer(Facts{}, {}), "nothing could be measured"));
}

TEST_CASE("check: a step without GPUs is said to have none") {
    Facts facts = test::healthy_step();
    for (check::NodeFacts& node : facts.nodes) node.gpus.clear();
    for (check::RankFacts& rank : facts.ranks) {
        rank.cuda_gpus = std::vector<std::string>{};
        rank.nvml_gpus = std::vector<check::SeenGpu>{};
        for (const char* name : {"SLURM_GPUS_ON_NODE", "SLURM_STEP_GPUS", "CUDA_VISIBLE_DEVICES"})
            rank.env.erase(name);
    }
    CHECK_EQ(check::answer(facts, {}), "no GPU is granted to this step; nothing to do");
}

TEST_CASE("check: one of many tasks does not speak for the others") {
    Facts facts = test::healthy_step();
    facts.ranks.resize(1);
    facts.size = 1;
    facts.ranks[0].size = 1;
    facts.ranks[0].pmix = {};
    CHECK(contains(check::answer(facts, {finding("slurm-pmix-missing", Verdict::fail)}),
                   "only 1 of 16 tasks is judged, since no PMIx server answered; evidence of "
                   "slurm-pmix-missing"));
    Facts silent = test::healthy_step();
    silent.ranks.pop_back();
    silent.silent_ranks = {15};
    CHECK(contains(check::answer(silent, {}), "only 15 of 16 ranks answered"));
}

TEST_CASE("check: programs that are watched are counted by what they use") {
    Facts facts = test::healthy_step();
    test::watch_programs(facts);
    CHECK_EQ(check::answer(facts, {}),
             "all 16 GPUs of 2 nodes are used, one process each; nothing to do");
    for (check::ProgramFacts& program : facts.programs) test::move_to(facts, program, {0});
    CHECK(contains(check::answer(facts, {}), "2 of 16 GPUs are used; 14 GPUs"));
}

TEST_CASE("check: of a watched step without processes nothing is counted") {
    Facts facts = test::healthy_step();
    facts.intent.watched_step = "47.0";
    CHECK(contains(check::answer(facts, {}),
                   "could not be measured (no process of step 47.0 was found)"));
}

TEST_CASE("check: ranks that share one GPU leave the others idle") {
    Facts facts = test::healthy_node(8);
    for (check::RankFacts& rank : facts.ranks) test::give_gpus(rank, {rank.local_rank / 2});
    CHECK(contains(check::answer(facts, {}), "4 of 8 GPUs are used"));
}

TEST_CASE("check: MIG instances are counted as Slurm granted them") {
    Facts facts = test::healthy_step();
    test::cut_gpus(facts);
    CHECK(contains(check::answer(facts, {}), "all 16 GPUs of 2 nodes are used, one rank each"));
    test::unset_everywhere(facts, "SLURM_STEP_GPUS");
    CHECK(contains(check::answer(facts, {}), "could not be measured"));
}

TEST_CASE("check: granted GPUs where none can be found are not called idle") {
    Facts facts = test::healthy_step();
    for (check::NodeFacts& node : facts.nodes) {
        node.gpus.clear();
        node.has_nvidia = false;
    }
    for (check::RankFacts& rank : facts.ranks) {
        rank.cuda_gpus.reset();
        rank.nvml_gpus.reset();
        rank.nvml_problem = "libnvidia-ml.so.1: cannot open shared object file";
    }
    const auto found = check::judge(facts, check::Level::quick).findings;
    const std::string answer = check::answer(facts, found);
    CHECK(contains(answer,
                   "16 GPUs are granted, but no GPU can be found on n1, n2 (no NVIDIA driver): "
                   "not judged; run nvidia-smi there"));
    CHECK_FALSE(contains(answer, "start"));
    CHECK_EQ(check::exit_code_of(found, false), ExitCode::no_verdict);
}
