// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/operation_text.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

namespace {

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

const plan::OperationRow& row_of(const std::string& name) {
    const auto* row = plan::find_operation(name);
    REQUIRE(row != nullptr);
    return *row;
}

// Of one rank: what its row announces is there unless the row says why not, and nothing else.
void check_metrics(const plan::OperationRow& row, const execution::StepResult& step) {
    std::set<std::string> found{"launches"}, announced;
    for (const auto& metric : step.metrics) found.insert(metric.name);
    for (const auto& [name, value] : step.numbers) found.insert(name);
    for (const auto& metric : plan::metrics_of(row)) {
        const bool may_lack =
            metric.when == workload::Metric::When::several_ranks || !metric.no_value.empty();
        if (!may_lack || found.count(metric.name) > 0) announced.insert(metric.name);
    }
    CHECK(found == announced);
}

}  // namespace

TEST_CASE("cli: every operation says what each argument is") {
    for (const auto& row : plan::operation_rows()) {
        CAPTURE(row.name);
        for (const auto& argument : row.arguments) {
            CAPTURE(argument.name);
            CHECK_FALSE(cli::role_of(argument).empty());
            CHECK(argument.is_buffer() == !cli::shape_of(argument).empty());
            CHECK((argument.is_buffer() ? !argument.types.empty() : true));
        }
    }
    CHECK(cli::shape_of(row_of("gemm").arguments[0]) == "[m, k]");
    CHECK(cli::role_of(row_of("store").arguments[1]) == "word");
}

TEST_CASE("cli: a note has words, default and meaning") {
    const auto note = [](const std::string& operation, std::size_t argument) {
        const auto& row = row_of(operation);
        return cli::note_of(row, row.arguments[argument]);
    };
    CHECK(note("reduction", 2) == "sum, min, max; default sum");
    CHECK(note("all_reduce", 3) == "avg, max, min, prod, sum");
    CHECK(note("gemm", 4) == "0: the old c is not read; default 0");
    CHECK(note("gemm", 6) == "no, yes; default no; a is stored [k, m]");
    CHECK(note("axpy", 1).empty());
}

TEST_CASE("cli: the page of operations has a section for each, and nothing of it is markup") {
    const std::string page = cli::operations_page(plan::operation_rows());
    for (const auto& row : plan::operation_rows()) {
        CAPTURE(row.name);
        CHECK(page.find("\n## " + row.name + "\n") != std::string::npos);
        CHECK(page.find(cli::example_of(row)) != std::string::npos);
    }
    CHECK(page.find("| [linear.evaluate](#linearevaluate) |") != std::string::npos);
    CHECK(page.find(R"(c = alpha \* a \* b + beta \* c)") != std::string::npos);
    CHECK(page.find("| `r2` |  | none where the targets do not vary |") != std::string::npos);
}

TEST_CASE("cli: every example loads and runs as it is printed") {
    const test::TemporaryFolder folder;
    write_table(folder / "data.csv");
    test::Solo solo;
    for (const auto& row : plan::operation_rows()) {
        if (row.name == "store") continue;  // writes where the program runs
        CAPTURE(row.name);
        const std::string text = "version: 1\nname: example\n" + cli::example_of(row);
        CAPTURE(text);
        const auto workload =
            workload::parse_workload(text, folder / "example.yaml", {}, plan::operations());
        const auto result = test::run_workload(workload, solo.machine());
        REQUIRE(result.steps.size() == 1);
        CHECK(result.steps[0].ran);
        check_metrics(row, result.steps[0]);
    }
}

TEST_CASE("cli: an example declares what its step uses") {
    CHECK(cli::example_of(row_of("axpy")) == R"(buffers:
  x: { dtype: f32, count: 1Mi, init: { random: uniform, seed: 1 } }
  y: { dtype: f32, count: 1Mi }
steps:
  - name: axpy
    run: axpy
    with: { alpha: 2, x: x, y: y }
)");
    CHECK(cli::example_of(row_of("barrier")) == "steps:\n  - name: barrier\n    run: barrier\n");
}
