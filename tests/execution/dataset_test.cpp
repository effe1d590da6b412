// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/dataset.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/run_workload.hpp"

using namespace warpstep;
using execution::Dataset;
using execution::DatasetRules;
using execution::Share;
using execution::Table;

namespace {

// Row i is i, i^2, a constant that binary numbers cannot hold, and the target 3i.
Table table_of(std::int64_t rows) {
    Table table{rows, 4, {"i", "square", "tenth", "target"}, {}};
    for (std::int64_t r = 0; r < rows; ++r) {
        const auto i = static_cast<double>(r);
        table.values.insert(table.values.end(), {i, i * i, 0.1, 3 * i});
    }
    return table;
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

Gathered gather(const Dataset& dataset, Share positions) {
    const auto rows = static_cast<std::size_t>(positions.rows());
    Gathered result{std::vector<float>(rows * static_cast<std::size_t>(dataset.features())),
                    std::vector<float>(rows)};
    dataset.gather(positions, result.inputs.data(), result.targets.data());
    return result;
}

// Which rows an epoch visits, in order, told by the first input.
std::vector<float> order_of(const Dataset& dataset) {
    const Gathered all = gather(dataset, {0, dataset.rows()});
    std::vector<float> order;
    for (std::int64_t i = 0; i < dataset.rows(); ++i) {
        order.push_back(all.inputs[static_cast<std::size_t>(i * dataset.features())]);
    }
    return order;
}

}  // namespace

TEST_CASE("execution: every column but the target is an input, with an intercept at the end") {
    auto with_intercept = rules();
    with_intercept.intercept = true;
    const Dataset dataset(table_of(5), with_intercept);
    CHECK(dataset.rows() == 5);
    CHECK(dataset.features() == 4);
    const Gathered row = gather(dataset, {3, 4});
    CHECK(row.inputs == std::vector<float>{3, 9, 0.1f, 1});
    CHECK(row.targets == std::vector<float>{9});
    auto by_square = rules();
    by_square.target = "square";
    CHECK(gather(Dataset(table_of(5), by_square), {2, 3}).targets == std::vector<float>{4});
}

TEST_CASE("execution: standardised columns have mean 0 and variance 1, a constant one is 0") {
    auto standard = rules();
    standard.standardize = true;
    const Dataset dataset(table_of(443), standard);
    const Gathered all = gather(dataset, {0, 443});
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
    CHECK(dataset.target_sum_of_squares() == doctest::Approx(443));
    CHECK(Dataset(table_of(443), rules()).target_scale() == 1);
}

TEST_CASE("execution: an unknown target is refused with a suggestion") {
    auto wrong = rules();
    wrong.target = "tarjet";
    CHECK(test::refusal_of([&] { Dataset(table_of(5), wrong); }) ==
          "dataset 'train' has no column 'tarjet'; did you mean 'target'?");
    Table nameless = table_of(5);
    nameless.names.clear();
    auto last = rules();
    last.target = "last";
    CHECK(gather(Dataset(nameless, last), {2, 3}).targets == std::vector<float>{6});
    CHECK(test::refusal_of([&] { Dataset(nameless, rules()); }).find("known: last") !=
          std::string::npos);
    CHECK(test::refusal_of([&] { Dataset(table_of(5), rules(0)); }) != "no error");
}

TEST_CASE("execution: the batches of all ranks cover every row exactly once") {
    constexpr std::int64_t rows = 101;
    const Table table = table_of(rows);
    for (const bool global : {true, false}) {
        for (std::int64_t batch_rows = 1; batch_rows <= 70; ++batch_rows) {
            auto cut = rules(batch_rows);
            cut.global_batch = global;
            const Dataset dataset(table, cut);
            for (int ranks = 1; ranks <= 13; ++ranks) {
                CAPTURE(batch_rows);
                CAPTURE(ranks);
                std::vector<int> seen(rows, 0);
                std::int64_t next = 0, largest = 0;
                for (std::int64_t b = 0; b < dataset.batches(ranks); ++b) {
                    const Share whole = dataset.batch(b, ranks);
                    REQUIRE(whole.rows() > 0);
                    REQUIRE(whole.rows() <= (global ? batch_rows : batch_rows * ranks));
                    std::int64_t least = rows, most = 0;
                    for (int rank = 0; rank < ranks; ++rank) {
                        const Share share = Dataset::share(whole, rank, ranks);
                        REQUIRE(share.begin == next);
                        next = share.end;
                        least = std::min(least, share.rows());
                        most = std::max(most, share.rows());
                        for (auto i = share.begin; i < share.end; ++i) {
                            ++seen[static_cast<std::size_t>(i)];
                        }
                    }
                    REQUIRE(next == whole.end);
                    REQUIRE(most - least <= 1);
                    largest = std::max(largest, most);
                }
                REQUIRE(seen == std::vector<int>(rows, 1));
                REQUIRE(dataset.largest_share(ranks) == largest);
            }
        }
    }
}

TEST_CASE("execution: a batch larger than the table is the whole table") {
    for (const bool global : {true, false}) {
        auto huge = rules(std::numeric_limits<std::int64_t>::max());
        huge.global_batch = global;
        const Dataset dataset(table_of(7), huge);
        CHECK(dataset.batches(3) == 1);
        CHECK(dataset.batch(0, 3).rows() == 7);
    }
}

TEST_CASE("execution: the order changes with every epoch and is the same for the same seed") {
    auto shuffled = rules();
    shuffled.shuffle_seed = 1;
    Dataset dataset(table_of(100), shuffled);
    Dataset twin(table_of(100), shuffled);
    std::vector<std::vector<float>> orders;
    for (std::int64_t epoch = 0; epoch < 5; ++epoch) {
        dataset.begin_epoch(epoch);
        twin.begin_epoch(epoch);
        orders.push_back(order_of(dataset));
        CHECK(order_of(twin) == orders.back());
    }
    std::sort(orders.begin(), orders.end());
    CHECK(std::adjacent_find(orders.begin(), orders.end()) == orders.end());
    dataset.begin_epoch(3);
    twin.begin_epoch(3);
    CHECK(order_of(dataset) == order_of(twin));

    Dataset in_file_order(table_of(100), rules());
    in_file_order.begin_epoch(4);
    const auto order = order_of(in_file_order);
    CHECK(std::is_sorted(order.begin(), order.end()));
}
