// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/dataset.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/file.hpp"
#include "runtime/data/linear_rows.hpp"
#include "runtime/data/table_file.hpp"
#include "tests/support/npy.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using data::Dataset;
using data::DatasetRules;
using data::Table;

namespace {

// Row i is i, i^2, a constant that binary numbers cannot hold, and the target 3i.
Table numbers(std::int64_t rows) {
    Table table{rows, 4, {"i", "square", "tenth", "target"}, {}};
    for (std::int64_t r = 0; r < rows; ++r) {
        const auto i = static_cast<double>(r);
        table.values.insert(table.values.end(), {i, i * i, 0.1, 3 * i});
    }
    return table;
}

std::unique_ptr<data::RowSource> table_of(std::int64_t rows) {
    return data::rows_of(numbers(rows));
}

DatasetRules rules(std::int64_t batch_rows = 10) {
    DatasetRules result;
    result.name = "train";
    result.target = "target";
    result.batch_rows = batch_rows;
    return result;
}

struct Gathered {
    std::vector<float> inputs, targets;
};

Gathered gather(const Dataset& dataset, std::int64_t begin, std::int64_t end,
                std::int64_t epoch = 0) {
    std::vector<std::int64_t> rows;
    const auto order = dataset.order(epoch);
    for (std::int64_t p = begin; p < end; ++p) rows.push_back(order->at(p));
    Gathered result{std::vector<float>(rows.size() * static_cast<std::size_t>(dataset.features())),
                    std::vector<float>(rows.size())};
    dataset.gather(rows.data(), end - begin, result.inputs.data(), result.targets.data());
    return result;
}

// Which rows an epoch visits, in order, told by the first input.
std::vector<float> order_of(const Dataset& dataset, std::int64_t epoch) {
    const Gathered all = gather(dataset, 0, dataset.rows(), epoch);
    std::vector<float> order;
    for (std::int64_t i = 0; i < dataset.rows(); ++i) {
        order.push_back(all.inputs[static_cast<std::size_t>(i * dataset.features())]);
    }
    return order;
}

}  // namespace

TEST_CASE("data: every column but the target is an input, with an intercept at the end") {
    auto with_intercept = rules();
    with_intercept.intercept = true;
    const Dataset dataset(table_of(5), with_intercept);
    CHECK(dataset.rows() == 5);
    CHECK(dataset.features() == 4);
    const Gathered row = gather(dataset, 3, 4);
    CHECK(row.inputs == std::vector<float>{3, 9, 0.1f, 1});
    CHECK(row.targets == std::vector<float>{9});
    auto by_square = rules();
    by_square.target = "square";
    CHECK(gather(Dataset(table_of(5), by_square), 2, 3).targets == std::vector<float>{4});
}

TEST_CASE("data: standardised columns have mean 0 and variance 1, a constant one is 0") {
    auto standard = rules();
    standard.standardize = true;
    const Dataset dataset(table_of(443), standard);
    const Gathered all = gather(dataset, 0, 443);
    for (std::size_t column = 0; column < 3; ++column) {
        CAPTURE(column);
        double sum = 0, squares = 0;
        for (std::size_t i = 0; i < 443; ++i) {
            const double x = all.inputs[i * 3 + column];
            sum += x / 443;
            squares += x * x / 443;
        }
        CHECK(std::abs(sum) < 1e-6);
        CHECK(squares == doctest::Approx(column == 2 ? 0 : 1));
    }
    CHECK(dataset.target_scale() == doctest::Approx(3 * std::sqrt((443.0 * 443 - 1) / 12)));
    CHECK(Dataset(table_of(443), rules()).target_scale() == 1);
}

TEST_CASE("data: an unknown target is refused with a suggestion") {
    auto wrong = rules();
    wrong.target = "tarjet";
    CHECK(test::refusal_of([&] { Dataset(table_of(5), wrong); }) ==
          "dataset 'train' has no column 'tarjet'; did you mean 'target'?");
    const auto nameless = [] {
        Table table = numbers(5);
        table.names.clear();
        return data::rows_of(std::move(table));
    };
    auto last = rules();
    last.target = "last";
    CHECK(gather(Dataset(nameless(), last), 2, 3).targets == std::vector<float>{6});
    CHECK(test::refusal_of([&] { Dataset(nameless(), rules()); }).find("known: last") !=
          std::string::npos);
    CHECK(test::refusal_of([&] { Dataset(table_of(5), rules(0)); }) != "no error");
}

TEST_CASE("data: the order changes with every epoch and is the same for the same seed") {
    auto shuffled = rules();
    shuffled.shuffle_seed = 1;
    const Dataset dataset(table_of(100), shuffled), twin(table_of(100), shuffled);
    std::vector<std::vector<float>> orders;
    for (std::int64_t epoch = 0; epoch < 5; ++epoch) {
        orders.push_back(order_of(dataset, epoch));
        CHECK(order_of(twin, epoch) == orders.back());
    }
    std::sort(orders.begin(), orders.end());
    CHECK(std::adjacent_find(orders.begin(), orders.end()) == orders.end());
    CHECK(order_of(dataset, 3) == order_of(twin, 3));

    shuffled.shuffle_once = true;
    const Dataset once(table_of(100), shuffled);
    CHECK(order_of(once, 0) == order_of(dataset, 0));
    CHECK(order_of(once, 4) == order_of(once, 0));

    const Dataset in_file_order(table_of(100), rules());
    const auto order = order_of(in_file_order, 4);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("data: shards that leave nothing are refused") {
    auto dropping = rules();
    dropping.global_batch = false;
    dropping.shard = workload::Uneven::drop;
    const Dataset dataset(table_of(3), dropping);
    CHECK(dataset.turns(3) == 1);
    CHECK(
        test::refusal_of([&] { dataset.turns(4); }) ==
        "dataset 'train' has 3 rows for 4 members ('uneven: drop' leaves none); use fewer ranks or "
        "'uneven: wrap'");
}

TEST_CASE("data: a large file is read row by row and gives what a small one in memory gives") {
    const test::TemporaryFolder folder;
    // 17 MiB as f32: one more than is kept.
    constexpr std::int64_t rows = 17 << 16, columns = 4;
    std::vector<double> values;
    for (std::int64_t i = 0; i < rows * columns; ++i) {
        values.push_back(1e6 + std::sin(static_cast<double>(i)) * static_cast<double>(i % columns));
    }
    write_file_atomically(folder / "t.npy",
                          test::npy("<f8", fmt::format("({}, {})", rows, columns), values));
    auto standard = rules();
    standard.target = "last";
    standard.standardize = standard.intercept = true;
    standard.shuffle_seed = 5;
    const Dataset from_file(data::open_rows(folder / "t.npy"), standard);
    CHECK(!from_file.in_memory());
    const Dataset in_memory(data::rows_of({rows, columns, {}, values}), standard);
    CHECK(in_memory.in_memory());
    CHECK(from_file.target_scale() == in_memory.target_scale());
    CHECK(from_file.target_scale() == doctest::Approx(3 / std::sqrt(2.0)).epsilon(1e-3));
    const Gathered some = gather(from_file, 1000, 3000, 2), same = gather(in_memory, 1000, 3000, 2);
    CHECK(some.inputs == same.inputs);
    CHECK(some.targets == same.targets);
    CHECK(some.inputs[0] == 0);  // the constant column
}

TEST_CASE("data: generated rows are a function of seed and index, around the true weights") {
    constexpr std::int64_t rows = 2000, features = 7;
    const data::LinearRecipe recipe{rows, features, 0, 3};
    auto last = rules();
    last.target = "last";
    last.true_weights = data::true_weights(recipe);
    const Dataset exact(data::linear_rows(recipe), last);
    const Gathered all = gather(exact, 0, rows), part = gather(exact, 500, 510);
    CHECK(std::equal(part.targets.begin(), part.targets.end(), all.targets.begin() + 500));
    double mean = 0, squares = 0;
    for (const float x : all.inputs) {
        mean += static_cast<double>(x) / static_cast<double>(all.inputs.size());
        squares += static_cast<double>(x) * x / static_cast<double>(all.inputs.size());
    }
    CHECK(std::abs(mean) < 0.04);
    CHECK(squares == doctest::Approx(1).epsilon(0.05));

    auto recipe_with_noise = recipe;
    recipe_with_noise.noise = 0.5;
    const Gathered noisy = gather(Dataset(data::linear_rows(recipe_with_noise), last), 0, rows);
    CHECK(noisy.inputs == all.inputs);
    auto standard = last;
    standard.standardize = standard.intercept = true;
    const Dataset scaled(data::linear_rows(recipe), standard);
    const Gathered standardised = gather(scaled, 0, rows);
    REQUIRE(exact.true_weights().size() == 7);
    REQUIRE(scaled.true_weights().size() == 8);
    double error = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        double exactly = 0, by_scaled = 0;
        for (std::size_t j = 0; j < 7; ++j) {
            exactly += exact.true_weights()[j] * static_cast<double>(all.inputs[i * 7 + j]);
        }
        for (std::size_t j = 0; j < 8; ++j) {
            by_scaled +=
                scaled.true_weights()[j] * static_cast<double>(standardised.inputs[i * 8 + j]);
        }
        REQUIRE(all.targets[i] == doctest::Approx(exactly).epsilon(1e-6));
        REQUIRE(std::abs(standardised.targets[i] - by_scaled) < 1e-5);
        error += std::pow(noisy.targets[i] - exactly, 2) / rows;
    }
    CHECK(error == doctest::Approx(0.25).epsilon(0.1));
}
