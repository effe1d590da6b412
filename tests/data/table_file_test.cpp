// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/table_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "runtime/base/file.hpp"
#include "tests/support/npy.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using data::parse_csv;
using data::Table;
using test::refusal_of;

namespace {

std::string csv_refusal(const std::string& text) {
    return refusal_of([&] { parse_csv(text, "t.csv"); });
}

bool says(const std::string& message, const std::string& part) {
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
    return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("data: a CSV file is names and numbers") {
    const Table table = parse_csv("a, b\r\n1,2.5\r\n\n -3 ,1e-2\n", "t.csv");
    CHECK(table.rows == 2);
    CHECK(table.columns == 2);
    CHECK(table.names == std::vector<std::string>{"a", "b"});
    CHECK(table.values == std::vector<double>{1, 2.5, -3, 0.01});
    CHECK(table.at(1, 0) == -3);
    CHECK(parse_csv("a\n1", "t.csv").rows == 1);
}

TEST_CASE("data: a bad CSV cell is refused with line and column") {
    says(csv_refusal("a,b\n1,2\n3,x\n"), "t.csv:3: column 'b' is 'x' (not a number)");
    says(csv_refusal("a,b\n\n1,nan\n"), "t.csv:3: column 'b' is nan (only finite numbers");
    says(csv_refusal("a,b\n-inf,1\n"), "t.csv:2: column 'a' is -inf");
    says(csv_refusal("a,b\n1,\n"), "t.csv:2: column 'b' is ''");
    says(csv_refusal("a,b\n1 2,3\n"), "column 'a' is '1 2'");
    says(csv_refusal("a,b\n0x10,3\n"), "column 'a' is '0x10'");
}

TEST_CASE("data: a CSV row of another width is refused with its line") {
    says(csv_refusal("a,b\n1,2\n3\n"), "t.csv:3: has 1 values (the first line names 2 columns)");
    says(csv_refusal("a,b\n1,2,3\n"), "t.csv:2: has 3 values");
}

TEST_CASE("data: a CSV file without rows is refused") {
    for (const char* text : {"", "\n\n", "a,b\n"}) says(csv_refusal(text), "t.csv: has no rows");
}

TEST_CASE("data: the ending of a table file decides its format") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "t.csv", "a\n1\n");
    write_file_atomically(folder / "t.npy", test::npy<double>("<f8", "(3, 2)", {1, 2, 3, 4, 5, 6}));
    CHECK(data::open_rows(folder / "t.csv")->rows() == 1);
    CHECK(data::open_rows(folder / "t.npy")->rows() == 3);
    says(refusal_of([&] { data::open_rows(folder / "none.csv"); }), "cannot read");
    says(refusal_of([&] { data::open_rows(folder / "none.npy"); }), "No such file");
    says(refusal_of([&] { data::open_rows(folder.path()); }), "it is a directory");
}

TEST_CASE("data: a CSV file that is too large for memory is refused before it is read") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "t.csv", "a\n1\n");
    std::filesystem::resize_file(folder / "t.csv", data::largest_csv + 1);
    says(refusal_of([&] { data::open_rows(folder / "t.csv"); }), "convert it with numpy.save");
}

TEST_CASE("data: a table in memory gives its rows in any order") {
    const auto source = data::rows_of(parse_csv("a,b\n1,2\n3,4\n5,6\n", "t.csv"));
    CHECK(source->in_memory());
    std::vector<double> values(4);
    source->read(1, 3, values.data());
    CHECK(values == std::vector<double>{3, 4, 5, 6});
    const std::vector<std::int64_t> rows{2, 0};
    std::vector<float> inputs(2), targets(2);
    source->gather(rows.data(), 2, {2, 0, false, {}}, inputs.data(), targets.data());
    CHECK(inputs == std::vector<float>{6, 2});
    CHECK(targets == std::vector<float>{5, 1});
}
