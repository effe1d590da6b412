// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/npy_rows.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "runtime/base/file.hpp"
#include "runtime/data/npy_header.hpp"
#include "tests/support/npy.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using data::open_npy_rows;
using data::RowSource;
using test::npy;

namespace {

const std::vector<double> six{1, 2, 3, 4, 5, 6};

class Fixture {
  public:
    std::unique_ptr<RowSource> open(const std::string& bytes) const {
        write_file_atomically(path(), bytes);
        return open_npy_rows(path());
    }
    /// Opens it and reads it wholly.
    std::string refusal(const std::string& bytes) const {
        return test::refusal_of([&] {
            const auto rows = open(bytes);
            std::vector<double> values(static_cast<std::size_t>(rows->rows() * rows->columns()));
            rows->read(0, rows->rows(), values.data());
        });
    }
    void says(const std::string& bytes, const std::string& part) const {
        const std::string message = refusal(bytes);
        CAPTURE(message);
        CHECK(message.find(part) != std::string::npos);
        CHECK(message.find("t.npy") != std::string::npos);
    }
    std::string path() const { return folder_ / "t.npy"; }

  private:
    test::TemporaryFolder folder_;
};

std::vector<double> all_of(const RowSource& source) {
    std::vector<double> values(static_cast<std::size_t>(source.rows() * source.columns()));
    source.read(0, source.rows(), values.data());
    return values;
}

}  // namespace

TEST_CASE("data: NPY files of all four types and both versions are read") {
    const Fixture fixture;
    const std::vector<float> f4{1, 2, 3, 4, 5, 6};
    const std::vector<std::int32_t> i4{1, 2, 3, 4, 5, 6};
    const std::vector<std::int64_t> i8{1, 2, 3, 4, 5, 6};
    for (const auto& bytes :
         {npy("<f4", "(3, 2)", f4), npy("<f8", "(3, 2)", six), npy("<i4", "(3, 2)", i4),
          npy("<i8", "(3, 2)", i8), npy("<f8", "(3, 2)", six, 2)}) {
        const auto source = fixture.open(bytes);
        CHECK(source->rows() == 3);
        CHECK(source->columns() == 2);
        CHECK(source->names().empty());
        CHECK(!source->in_memory());
        CHECK(all_of(*source) == six);
        const std::vector<std::int64_t> rows{2, 0, 1};
        std::vector<float> inputs(3), targets(3);
        source->gather(rows.data(), 3, {2, 1, false, {}}, inputs.data(), targets.data());
        CHECK(inputs == std::vector<float>{5, 1, 3});
        CHECK(targets == std::vector<float>{6, 2, 4});
    }
    CHECK(fixture.open(npy("<f8", "(6,)", six))->columns() == 1);
}

TEST_CASE("data: rows of an NPY file come in any order, with runs longer than a block") {
    constexpr std::int64_t rows = 30'000, columns = 5;
    std::vector<float> values(rows * columns);
    std::iota(values.begin(), values.end(), 0.0f);
    const Fixture fixture;
    const auto source = fixture.open(npy("<f4", "(30000, 5)", values));
    std::vector<std::int64_t> order;  // a long run, every third row, backwards
    for (std::int64_t i = 100; i < 20'000; ++i) order.push_back(i);
    for (std::int64_t i = 0; i < rows; i += 3) order.push_back(i);
    for (std::int64_t i = 999; i >= 0; --i) order.push_back(i);
    const auto count = static_cast<std::int64_t>(order.size());
    std::vector<float> inputs(order.size() * 5), targets(order.size());
    source->gather(order.data(), count, {columns, 2, true, {}}, inputs.data(), targets.data());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto first = static_cast<float>(order[i] * columns);
        REQUIRE(targets[i] == first + 2);
        const std::vector<float> expected{first, first + 1, first + 3, first + 4, 1};
        REQUIRE(std::equal(expected.begin(), expected.end(), inputs.begin() + 5 * i));
    }
}

TEST_CASE("data: NPY arrays that are no table are refused") {
    const Fixture fixture;
    fixture.says(npy("<f8", "(3, 2)", six, 1, "True"), "Fortran order");
    fixture.says(npy("<f8", "(1, 2, 3)", six), "has 3 dimensions");
    fixture.says(npy("<f8", "()", six), "has 0 dimensions");
    fixture.says(npy(">f8", "(3, 2)", six), "elements are '>f8'");
    fixture.says(npy("<f2", "(3, 2)", six), "elements are '<f2'");
    fixture.says(npy("<U4", "(3, 2)", six), "elements are '<U4'");
    fixture.says(npy("<f8", "(3, 2)", six, 3), "not an NPY file of version 1 or 2");
    fixture.says(npy("<f8", "(0, 2)", std::vector<double>{}), "has no rows");
    fixture.says(npy("<f8", "(3, 0)", std::vector<double>{}), "has no rows");
    fixture.says(npy("<f8", "(-3, 2)", six), "not a size");
}

TEST_CASE("data: a number that is not finite is refused when it is read, with its row") {
    const Fixture fixture;
    auto values = six;
    values[3] = std::nan("");
    fixture.says(npy("<f8", "(3, 2)", values), "element [1, 1] is nan (only finite numbers");
    values[3] = 1e300;
    const auto source = fixture.open(npy("<f8", "(3, 2)", values));
    float inputs = 0, targets = 0;
    const std::int64_t first = 0, second = 1;
    source->gather(&first, 1, {2, 1, false, {}}, &inputs, &targets);
    CHECK(targets == 2);
    CHECK(test::refusal_of([&] {
              source->gather(&second, 1, {2, 1, false, {}}, &inputs, &targets);
          }).find("element [1, 1] is 1e+300 (too large for f32)") != std::string::npos);
}

TEST_CASE("data: an NPY file that is cut off anywhere is refused") {
    const Fixture fixture;
    const std::string whole = npy("<f8", "(3, 2)", six);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK(fixture.refusal(whole.substr(0, length)) != "no error");
    }
    CHECK(fixture.refusal(whole) == "no error");
    fixture.says(npy("<f8", "(4611686018427387904, 4)", six), "cut off");
    fixture.says(npy("<f8", "(4611686018427387904, 4611686018427387904, 4)", six), "cut off");
}

TEST_CASE("data: an NPY file that is cut off after it was opened is refused, not a crash") {
    const Fixture fixture;
    const auto source = fixture.open(npy("<f8", "(3, 2)", six));
    std::filesystem::resize_file(fixture.path(), 150);
    const std::string message = test::refusal_of([&] { all_of(*source); });
    CAPTURE(message);
    CHECK(message.find("ends at byte 150 (it had") != std::string::npos);
}

TEST_CASE("data: the header that is written is NumPy's, and is read back") {
    const Fixture fixture;
    const std::string expected = npy("<f4", "(2, 3)", std::vector<float>{});
    CHECK(data::npy_header("<f4", {2, 3}) == expected);
    for (const std::vector<std::int64_t>& shape :
         {std::vector<std::int64_t>{}, {7}, {2, 3}, {2, 0, 3}, {1, 2, 3, 4}}) {
        write_file_atomically(fixture.path(),
                              data::npy_header("|u1", shape) + std::string(24, 'x'));
        const data::InputFile file(fixture.path());
        const auto header = data::read_npy_header(file);
        CHECK(header.shape == shape);
        CHECK(header.type == "|u1");
        CHECK(header.data_at % 64 == 0);
    }
}
