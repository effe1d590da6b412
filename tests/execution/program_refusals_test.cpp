// SPDX-License-Identifier: Apache-2.0
// What a program refuses before it runs, and what it tells the other ranks.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "runtime/plan/planner.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"

using namespace warpstep;

namespace {

constexpr const char* buffers = R"(version: 1
name: t
buffers:
  a: { count: 8 }
  b: { count: 8 }
  short: { count: 4 }
  whole: { dtype: i32, count: 8 }
  one: { count: 1 }
steps:
)";

std::string refusal(const std::string& steps) {
    return test::refusal_of([&] {
        test::Solo solo(1);
        test::run_workload(test::parse(buffers + steps), solo.machine());
    });
}

bool says(const std::string& message, const std::string& part) {
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
    return message.find(part) != std::string::npos;
}

std::vector<std::string> collectives(const std::string& steps, const step::Step& step = {}) {
    const auto workload = test::parse(buffers + steps);
    const device::host::HostDevice device(1);
    std::vector<std::string> shown;
    plan::PlanFacts facts;
    facts.devices = {{device.facts(), std::nullopt}};
    const auto planned = plan::Planner(workload, facts).plan(step);
    for (const auto& note : planned->notes) {
        std::string line = fmt::format("{} {} x{}", note.step, note.run, note.times);
        for (const auto& turns : note.turns) line += fmt::format(" {}:{}", turns.step, turns.count);
        for (const auto& word : note.words) line += fmt::format(" {}={}", word.name, word.value);
        for (const auto& buffer : note.buffers) {
            line += fmt::format(" {}[{}]", buffer.name, buffer.count);
        }
        shown.push_back(line + (note.active ? "" : " (not here)"));
    }
    return shown;
}

step::Step second_of_two() {
    step::Step step;
    step.rank = 1;
    step.size = 2;
    step.local_rank = 1;
    step.local_size = 2;
    step.node_ranks = {{0, 1}};
    return step;
}

}  // namespace

TEST_CASE("execution: arguments that do not fit are refused with the step's place and name") {
    const auto message =
        refusal("  - { name: copy, run: stream.copy, with: { a: a, c: short } }\n");
    CHECK(message.starts_with("test.yaml:10:"));
    says(message, "step 'copy': 'a' has 8 elements but 'c' has 4");
    says(refusal("  - { name: up, run: copy, with: { from: a, to: whole } }\n"),
         "'a' is 8 f32 but 'whole' is 8 i32");
    says(refusal("  - { name: sum, run: all_reduce, with: { from: a, to: short } }\n"),
         "all_reduce needs the same type and count");
    says(refusal("  - { name: sum, run: all_reduce, with: { buffer: a, from: a, to: b } }\n"),
         "either 'buffer' (in place) or 'from' and 'to'");
    says(refusal("  - { name: all, run: all_gather, with: { from: a, to: short } }\n"),
         "use count: 8 * ranks");
    says(refusal("  - { name: root, run: broadcast, with: { buffer: a, root: 1 } }\n"),
         "root 1 is no rank");
    says(refusal("  - { name: root, run: broadcast, with: { buffer: a, root: 4294967296 } }\n"),
         "root 4294967296 is no rank");
    says(refusal("  - { name: big, run: fill, with: { buffer: whole, value: 0.5 } }\n"),
         "value 0.5 does not fit i32");
}

TEST_CASE("execution: rules of verification are checked before anything runs") {
    says(refusal("  - { name: s, run: stream.copy, with: { a: a, c: b }, verify: { b: { equals: "
                 "short } } }\n"),
         "'short' has 4 elements but the verified buffer 'b' has 8");
    says(refusal("  - { name: s, run: stream.copy, with: { a: a, c: b }, verify: { b: { equals: "
                 "'ceil_div(a, 2)' } } }\n"),
         "cannot be used on elements");
    says(refusal("  - name: loop\n    for_each: [ { i: range(2) } ]\n    steps:\n      - { name: "
                 "s, run: stream.copy, with: { a: a, c: b }, verify: { b: { equals: a } } }\n"),
         "verifies inside for_each");
    CHECK(refusal("  - { name: s, run: stream.copy, with: { a: a, c: b }, verify: { b: { equals: "
                  "a * one + one } } }\n") == "no error");
}

TEST_CASE("execution: counts and durations must make sense") {
    says(refusal("  - { name: s, run: barrier, repeat: { times: ranks - 1 } }\n"),
         "'ranks - 1' is 0 (it must be 1 or more)");
    says(refusal("  - { name: s, run: barrier, timeout: ranks * 5 }\n"), "'timeout' is 5");
    says(refusal("  - { name: s, run: barrier, timeout: -ranks * 5s }\n"), "above 0");
    CHECK(refusal("  - { name: s, run: barrier, timeout: ranks * 50s }\n") == "no error");
}

TEST_CASE("execution: a step that takes longer than its timeout ends the run") {
    test::Solo solo(1);
    const auto workload = test::parse(
        "version: 1\nname: t\nbuffers: { b: { count: 4Mi } }\nsteps:\n"
        "  - { name: slow, run: fill, with: { buffer: b, value: 1 }, repeat: { times: 1Ti },"
        " timeout: 50ms }\n");
    CHECK_THROWS_WITH_AS(test::run_workload(workload, solo.machine()),
                         doctest::Contains("passed its timeout of 50.0 ms"), CommError);
}

TEST_CASE("execution: ranks tell each other their collectives, how often and how large") {
    const std::string steps = R"(
  - { name: sum, run: all_reduce, with: { from: a, to: b }, repeat: { warmup: 2, times: 3 } }
  - { name: only-first, if: rank == 0, run: barrier }
  - name: loop
    for_each: [ { i: range(4) } ]
    steps: [ { name: root, run: broadcast, with: { buffer: short, root: rank } } ]
  - { name: local, run: stream.copy, with: { a: a, c: b } }
)";
    const auto first = collectives(steps);
    REQUIRE(first.size() == 3);
    CHECK(first[0] == "sum all_reduce x5 a[8] b[8]");
    CHECK(first[1] == "only-first barrier x1");
    CHECK(first[2] == "root broadcast x1 loop:4 root=0 short[4]");
    const auto second = collectives(steps, second_of_two());
    CHECK(second[1] == "only-first barrier x1 (not here)");
    CHECK(second[2] == "root broadcast x1 loop:4 root=1 short[4]");
}

TEST_CASE("execution: every operation of the runtime is known to the loader, sorted by name") {
    const auto& operations = plan::operations();
    for (std::size_t i = 1; i < operations.size(); ++i) {
        CHECK(operations[i - 1].name < operations[i].name);
    }
    CHECK(plan::is_collective("all_reduce"));
    CHECK(plan::is_collective("linear.evaluate"));
    CHECK_FALSE(plan::is_collective("stream.copy"));
}

TEST_CASE("execution: no two operations share a name, and all need what they say") {
    std::set<std::string> names;
    for (const auto& operation : plan::operations()) {
        CAPTURE(operation.name);
        CHECK(names.insert(operation.name).second);
        for (const auto& word : operation.words) {
            const auto& optional = operation.optional;
            CHECK(std::find(optional.begin(), optional.end(), word.first) != optional.end());
            CHECK(!word.second.empty());
        }
    }
}
