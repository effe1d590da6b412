// SPDX-License-Identifier: Apache-2.0
// Every collective as a step of a workload, on one rank and on several; the values are exact.
#include <doctest/doctest.h>

#include "tests/support/fork_ranks.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;

namespace {

std::string file_of(const std::string& name) {
    return test::source_dir() + "/configs/" + name;
}

// configs/collectives.yaml says itself what each buffer must hold.
std::string verdict_of(const execution::Machine& machine) {
    const auto workload =
        workload::load_workload(file_of("collectives.yaml"), {"n=1000"}, plan::operations());
    std::string wrong;
    for (const auto& step : test::run_workload(workload, machine).steps) {
        for (const auto& verify : step.verify) {
            if (!verify.passed) wrong += step.name + ": " + verify.detail + "\n";
        }
    }
    return wrong;
}

std::string refusal(const std::string& steps) {
    test::Solo solo;
    const std::string text =
        "version: 1\nname: t\nbuffers:\n  a: { count: 8 }\n  b: { count: 8 }\n  c: { count: 4 }\n"
        "  d: { dtype: f64, count: 8 }\nsteps:\n  - " +
        steps + "\n";
    return test::refusal_of([&] { test::run_workload(test::parse(text), solo.machine()); });
}

}  // namespace

TEST_CASE("execution: every collective gives the right values on one rank") {
    test::Solo solo;
    CHECK(verdict_of(solo.machine()) == "");
}

TEST_CASE("execution: every collective gives the right values on two nodes of two and one ranks") {
    const auto outcome = test::fork_ranks({2, 1}, [](test::Rank& rank) {
        device::host::HostDevice device(1);
        const execution::Machine machine{rank.step,         device,      device.cores(), nullptr,
                                         rank.communicator, rank.channel};
        const std::string wrong = verdict_of(machine);
        test::expect(wrong.empty(), wrong);
    });
    for (const int status : outcome.status) CHECK(status == 0);
}

TEST_CASE("execution: collectives refuse buffers that do not fit, and name them") {
    CHECK(refusal("{ name: s, run: all_to_all, with: { from: a, to: c } }") ==
          "test.yaml:9:5: step 's': 'a' is 8 f32 but 'c' is 4 f32 (all_to_all needs the same type "
          "and "
          "count); change one");
    CHECK(refusal("{ name: s, run: reduce_scatter, with: { from: a, to: a } }")
              .find("'from' and 'to' are both 'a' (reduce_scatter cannot work in place)") !=
          std::string::npos);
    CHECK(refusal("{ name: s, run: gather, with: { from: a, to: d } }").find("'a' is ") !=
          std::string::npos);
    CHECK(refusal("{ name: s, run: reduce, with: { buffer: a, root: 1 } }")
              .find("root 1 is no rank (there are 1); use 0 to 0") != std::string::npos);
    CHECK(refusal("{ name: s, run: peer_copy, with: { from: a, to: a } }")
              .find("needs two buffers") != std::string::npos);
    CHECK(refusal("{ name: s, run: send_recv, with: { from: a } }").find("'to'") !=
          std::string::npos);
}
