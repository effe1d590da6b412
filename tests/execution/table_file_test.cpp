// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/table_file.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "runtime/base/file.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using execution::parse_csv;
using execution::parse_npy;
using execution::Table;
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

// An NPY file as numpy.save writes it.
template <typename T>
std::string npy(const std::string& type, const std::string& shape, const std::vector<T>& values,
                int version = 1, const std::string& fortran = "False") {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
    const std::size_t before = version == 1 ? 10 : 12;
    header.append(63 - (before + header.size()) % 64, ' ');
    header += '\n';
    std::string bytes("\x93NUMPY", 6);
    bytes += static_cast<char>(version);
    bytes += '\0';
    for (std::size_t i = 0; i < before - 8; ++i) {
        bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
    }
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    return bytes;
}

std::string npy_refusal(const std::string& bytes) {
    return refusal_of([&] { parse_npy(bytes, "t.npy"); });
}

const std::vector<double> six{1, 2, 3, 4, 5, 6};

}  // namespace

TEST_CASE("execution: a CSV file is names and numbers") {
    const Table table = parse_csv("a, b\r\n1,2.5\r\n\n -3 ,1e-2\n", "t.csv");
    CHECK(table.rows == 2);
    CHECK(table.columns == 2);
    CHECK(table.names == std::vector<std::string>{"a", "b"});
    CHECK(table.values == std::vector<double>{1, 2.5, -3, 0.01});
    CHECK(table.at(1, 0) == -3);
    CHECK(parse_csv("a\n1", "t.csv").rows == 1);
}

TEST_CASE("execution: a bad CSV cell is refused with line and column") {
    says(csv_refusal("a,b\n1,2\n3,x\n"), "t.csv:3: column 'b' is 'x' (not a number)");
    says(csv_refusal("a,b\n\n1,nan\n"), "t.csv:3: column 'b' is nan (only finite numbers");
    says(csv_refusal("a,b\n-inf,1\n"), "t.csv:2: column 'a' is -inf");
    says(csv_refusal("a,b\n1,\n"), "t.csv:2: column 'b' is ''");
    says(csv_refusal("a,b\n1 2,3\n"), "column 'a' is '1 2'");
    says(csv_refusal("a,b\n0x10,3\n"), "column 'a' is '0x10'");
}

TEST_CASE("execution: a CSV row of another width is refused with its line") {
    says(csv_refusal("a,b\n1,2\n3\n"), "t.csv:3: has 1 values (the first line names 2 columns)");
    says(csv_refusal("a,b\n1,2,3\n"), "t.csv:2: has 3 values");
}

TEST_CASE("execution: a CSV file without rows is refused") {
    for (const char* text : {"", "\n\n", "a,b\n"}) says(csv_refusal(text), "t.csv: has no rows");
}

TEST_CASE("execution: NPY files of all four types and both versions are read") {
    const std::vector<float> f4{1, 2, 3, 4, 5, 6};
    const std::vector<std::int32_t> i4{1, 2, 3, 4, 5, 6};
    const std::vector<std::int64_t> i8{1, 2, 3, 4, 5, 6};
    for (const auto& bytes :
         {npy("<f4", "(3, 2)", f4), npy("<f8", "(3, 2)", six), npy("<i4", "(3, 2)", i4),
          npy("<i8", "(3, 2)", i8), npy("<f8", "(3, 2)", six, 2)}) {
        const Table table = parse_npy(bytes, "t.npy");
        CHECK(table.rows == 3);
        CHECK(table.columns == 2);
        CHECK(table.names.empty());
        CHECK(table.values == six);
    }
}

TEST_CASE("execution: an NPY array of one dimension is one column") {
    const Table table = parse_npy(npy("<f8", "(6,)", six), "t.npy");
    CHECK(table.rows == 6);
    CHECK(table.columns == 1);
}

TEST_CASE("execution: NPY arrays that are no table are refused") {
    says(npy_refusal(npy("<f8", "(3, 2)", six, 1, "True")), "Fortran order");
    says(npy_refusal(npy("<f8", "(1, 2, 3)", six)), "has 3 dimensions");
    says(npy_refusal(npy("<f8", "()", six)), "has 0 dimensions");
    says(npy_refusal(npy(">f8", "(3, 2)", six)), "elements are '>f8'");
    says(npy_refusal(npy("<f2", "(3, 2)", six)), "elements are '<f2'");
    says(npy_refusal(npy("<f8", "(3, 2)", six, 3)), "not an NPY file of version 1 or 2");
    says(npy_refusal(npy("<f8", "(0, 2)", std::vector<double>{})), "has no rows");
    says(npy_refusal(npy("<f8", "(3, 0)", std::vector<double>{})), "has no rows");
    says(npy_refusal(npy("<f8", "(-3, 2)", six)), "not a size");
    auto values = six;
    values[3] = std::nan("");
    says(npy_refusal(npy("<f8", "(3, 2)", values)), "element [1, 1] is nan");
}

TEST_CASE("execution: an NPY file that is cut off anywhere is refused") {
    const std::string whole = npy("<f8", "(3, 2)", six);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK(npy_refusal(whole.substr(0, length)) != "no error");
    }
    CHECK(npy_refusal(whole) == "no error");
    says(npy_refusal(npy("<f8", "(4611686018427387904, 4)", six)), "cut off");
}

TEST_CASE("execution: the ending of a table file decides its format") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "t.csv", "a\n1\n");
    write_file_atomically(folder / "t.npy", npy("<f8", "(3, 2)", six));
    CHECK(execution::read_table(folder / "t.csv").rows == 1);
    CHECK(execution::read_table(folder / "t.npy").rows == 3);
    CHECK(refusal_of([&] { execution::read_table(folder / "none.csv"); }) != "no error");
}
