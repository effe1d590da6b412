// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/facts_json.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"
#include "tests/check/healthy_step.hpp"

using namespace warpstep;
using namespace warpstep::check;

TEST_CASE("check: facts of a step survive their text") {
    Facts facts = test::healthy_step();
    facts.intent.run_s = 3600;
    facts.silent_ranks = {3};
    facts.ranks[0].memlock = {65536, std::nullopt};
    facts.ranks[1].nvml_gpus.reset();
    facts.nodes[0].gpus[0].processes = {
        {4711, "python train.py", "somebody", 1 << 20, true, false}};
    facts.nodes[1].gpus[2].health.xids = std::vector<int>{79, 79};
    facts.nodes[1].gpus[2].health.xid_events =
        std::vector<XidEvent>{{79, "", "", "NVRM: Xid (PCI:0000:52:00): 79"}, {79, "", "", ""}};
    ProgramFacts program;
    program.env = std::map<std::string, std::string>{{"RANK", "0"}};
    program.gpus = {{"GPU-1", 512}};
    facts.programs = {program, ProgramFacts{}};
    const std::string text = encode(facts);
    const Facts again = decode_facts(text, "f.json");
    CHECK(encode(again) == text);
    CHECK(again.ranks.size() == 16);
    CHECK(again.ranks[0].memlock.soft == 65536u);
    CHECK_FALSE(again.ranks[0].memlock.hard.has_value());
    CHECK_FALSE(again.ranks[1].nvml_gpus.has_value());
    CHECK(again.ranks[2].env == facts.ranks[2].env);
    CHECK(again.nodes[0].gpus[0].processes[0].user == "somebody");
    CHECK(again.nodes[0].gpus[0].health.remap_histogram->max == 640);
    CHECK(again.nodes[1].gpus[2].health.xids == std::vector<int>{79, 79});
    CHECK(again.nodes[1].gpus[2].health.xid_events->front().line ==
          "NVRM: Xid (PCI:0000:52:00): 79");
    CHECK_FALSE(again.nodes[0].gpus[0].health.retired_pages.has_value());
    CHECK(again.samples.size() == facts.samples.size());
    CHECK_FALSE(again.programs[1].env.has_value());
    CHECK(again.programs[0].gpus[0].memory_bytes == 512);
}

TEST_CASE("check: what ranks and nodes send each other survives, with any bytes in it") {
    const Facts facts = test::healthy_node(2);
    CHECK(encode(decode_rank(encode(facts.ranks[1]))) == encode(facts.ranks[1]));
    CHECK(encode(decode_node(encode(facts.nodes[0]))) == encode(facts.nodes[0]));
    Sample sample;
    sample.probe = "triad";
    sample.value = 3.1e12;
    sample.repeats = {3.1e12, 3.2e12};
    CHECK(encode(decode_sample(encode(sample))) == encode(sample));
    RankFacts odd = facts.ranks[0];
    odd.env["SLURM_JOB_NAME"] = "caf\xe9";
    CHECK(decode_rank(encode(odd)).env["SLURM_JOB_NAME"].rfind("caf", 0) == 0);
}

TEST_CASE("check: what is no text of facts is refused with what to do") {
    CHECK_THROWS_AS(decode_rank("{\"rank\": \"three\"}"), CommError);
    CHECK_THROWS_AS(decode_node("half a te"), CommError);
    for (const char* text :
         {"{}", "[]", "half a te", "{\"schema\": \"warpstep.facts/0\"}", "{\"schema\": 5}",
          "{\"schema\": {\"a\": \"\xff\"}}", "{\"schema\": \"warpstep.facts/1\", \"nodes\": 5}"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH_AS(decode_facts(text, "f.json"),
                             doctest::Contains("f.json is no file of facts ("), ConfigError);
        CHECK_THROWS_WITH_AS(decode_facts(text, "f.json"), doctest::Contains("--save-facts"),
                             ConfigError);
    }
    CHECK(decode_rank("{}").size == 1);
}

TEST_CASE("check: facts of a version that kept the numbers of Xids alone are read") {
    const NodeFacts node = decode_node(R"({"gpus": [{"health": {"xids": [79, 149]}}]})");
    CHECK(node.gpus.at(0).health.xids == std::vector<int>{79, 149});
    CHECK_FALSE(node.gpus.at(0).health.xid_events.has_value());
}
