// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/operation_guide.hpp"
#include "runtime/plan/operations.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

namespace {

std::set<std::string> arguments_of(const cli::OperationGuide& guide) {
    std::set<std::string> names;
    for (const auto& argument : guide.arguments) names.insert(argument.name);
    return names;
}

// Ten inputs and a target, as the example of linear.evaluate reads it.
void write_table(const std::string& path) {
    std::ofstream file(path);
    file << "a,b,c,d,e,f,g,h,i,j,y\n";
    for (int row = 0; row < 40; ++row) {
        for (int column = 0; column < 11; ++column) {
            file << (column == 0 ? "" : ",") << (row * 7 + column * column * 3) % 11;
        }
        file << '\n';
    }
}

}  // namespace

TEST_CASE("cli: every operation has a guide with exactly its arguments") {
    for (const auto& signature : plan::operations()) {
        CAPTURE(signature.name);
        const auto* guide = cli::find_guide(signature.name);
        REQUIRE(guide != nullptr);
        CHECK_FALSE(guide->summary.empty());
        CHECK(guide->collective == plan::is_collective(signature.name));
        std::set<std::string> known(signature.required.begin(), signature.required.end());
        known.insert(signature.optional.begin(), signature.optional.end());
        CHECK(arguments_of(*guide) == known);
        for (const auto& argument : guide->arguments) CHECK_FALSE(argument.role.empty());
    }
    CHECK(cli::operation_guides().size() == plan::operations().size());
    CHECK(cli::find_guide("gemn") == nullptr);
}

TEST_CASE("cli: every example loads and runs as it is printed") {
    const test::TemporaryFolder folder;
    write_table(folder / "data.csv");
    test::Solo solo;
    for (const auto& guide : cli::operation_guides()) {
        if (guide.name == "store") continue;  // writes where the program runs
        CAPTURE(guide.name);
        const std::string text = "version: 1\nname: example\n" + cli::example_of(guide);
        CAPTURE(text);
        const auto workload =
            workload::parse_workload(text, folder / "example.yaml", {}, plan::operations());
        const auto result = test::run_workload(workload, solo.machine());
        REQUIRE(result.steps.size() == 1);
        CHECK(result.steps[0].ran);
    }
}

TEST_CASE("cli: an example declares what its step uses") {
    CHECK(cli::example_of(*cli::find_guide("axpy")) == R"(buffers:
  x: { dtype: f32, count: 1Mi, init: { random: uniform, seed: 1 } }
  y: { dtype: f32, count: 1Mi }
steps:
  - name: axpy
    run: axpy
    with: { alpha: 2, x: x, y: y }
)");
    CHECK(cli::example_of(*cli::find_guide("barrier")) ==
          "steps:\n  - name: barrier\n    run: barrier\n");
}
