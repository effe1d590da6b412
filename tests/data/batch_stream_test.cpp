// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/batch_stream.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "runtime/base/file.hpp"
#include "runtime/data/table_file.hpp"
#include "runtime/execution/once_per_epoch.hpp"
#include "tests/support/npy.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using data::BatchStream;
using data::Dataset;
using data::DatasetRules;

namespace {

DatasetRules rules(std::int64_t batch_rows) {
    DatasetRules result;
    result.name = "train";
    result.target = "last";
    result.batch_rows = batch_rows;
    result.shuffle_seed = 1;
    return result;
}

// Row i is i, i + 0.5, … and the target i.
std::vector<float> counting(std::int64_t rows, std::int64_t columns) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 1; j < columns; ++j) {
            values.push_back(static_cast<float>(i) + static_cast<float>(j - 1) / 2);
        }
        values.push_back(static_cast<float>(i));
    }
    return values;
}

std::unique_ptr<data::RowSource> in_memory(std::int64_t rows) {
    const auto values = counting(rows, 3);
    return data::rows_of({rows, 3, {}, {values.begin(), values.end()}});
}

// Checks the current batch and returns its rows.
std::vector<std::int64_t> rows_of(const BatchStream& batch) {
    std::vector<std::int64_t> rows;
    const float* inputs = static_cast<const float*>(batch.inputs());
    const float* targets = static_cast<const float*>(batch.targets());
    for (std::int64_t i = 0; i < batch.rows(); ++i, inputs += batch.dataset().features()) {
        REQUIRE(inputs[0] == targets[i]);
        REQUIRE(inputs[batch.dataset().features() - 1] ==
                targets[i] + static_cast<float>(batch.dataset().features() - 1) / 2);
        REQUIRE(batch.host_targets()[i] == targets[i]);
        rows.push_back(static_cast<std::int64_t>(targets[i]));
    }
    return rows;
}

bool seen_once(const BatchStream& batches, const execution::Machine& machine,
               device::Stream& stream) {
    return execution::once_per_epoch({{&batches.seen(), &machine, &stream}}, batches.repeats());
}

}  // namespace

TEST_CASE("data: the members' batches together are the batches of the epoch's order") {
    test::Solo solo;
    const auto machine = solo.machine();
    const Dataset dataset(in_memory(101), rules(8));
    constexpr int members = 3;
    std::vector<std::unique_ptr<BatchStream>> streams;
    for (int m = 0; m < members; ++m) {
        streams.push_back(
            std::make_unique<BatchStream>(machine.device, machine.cores, dataset, m, members));
    }
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
        for (auto& stream : streams) stream->begin_epoch(epoch);
        std::int64_t place = 0;
        const auto order = dataset.order(epoch);
        for (std::int64_t turn = 0; turn < streams[0]->turns(); ++turn) {
            for (auto& stream : streams) {
                REQUIRE(stream->next(solo.stream()));
                CHECK(stream->index() == turn);
                CHECK(stream->global_rows() == (turn < 12 ? 8 : 5));
                for (const auto row : rows_of(*stream)) REQUIRE(row == order->at(place++));
            }
        }
        CHECK(place == 101);
        for (auto& stream : streams) CHECK(!stream->next(solo.stream()));
    }
}

TEST_CASE("data: batches of a large file are prepared ahead and are the same") {
    const test::TemporaryFolder folder;
    constexpr std::int64_t rows = 40'000, columns = 128;
    write_file_atomically(folder / "t.npy",
                          test::npy("<f4", "(40000, 128)", counting(rows, columns)));
    test::Solo solo;
    const auto machine = solo.machine();
    const Dataset dataset(data::open_rows(folder / "t.npy"), rules(3000));
    REQUIRE(!dataset.in_memory());
    BatchStream stream(machine.device, machine.cores, dataset, 0, 1);
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
        stream.begin_epoch(epoch);
        const auto order = dataset.order(epoch);
        std::int64_t place = 0;
        // The second epoch is broken off.
        while (!(epoch == 1 && place > 10'000) && stream.next(solo.stream())) {
            for (const auto row : rows_of(stream)) REQUIRE(row == order->at(place++));
        }
        CHECK(place == (epoch == 1 ? 12'000 : rows));
    }
    CHECK(!seen_once(stream, machine, solo.stream()));
}

TEST_CASE("data: a bad number in a batch that was prepared ahead is refused when it is next") {
    const test::TemporaryFolder folder;
    auto values = counting(80'000, 64);
    values[50'000 * 64 + 7] = std::numeric_limits<float>::infinity();
    write_file_atomically(folder / "t.npy", test::npy("<f4", "(80000, 64)", values));
    test::Solo solo;
    const auto machine = solo.machine();
    auto in_order = rules(10'000);
    in_order.shuffle_seed.reset();
    const Dataset dataset(data::open_rows(folder / "t.npy"), in_order);
    BatchStream stream(machine.device, machine.cores, dataset, 0, 1);
    stream.begin_epoch(0);
    for (int turn = 0; turn < 5; ++turn) REQUIRE(stream.next(solo.stream()));
    const std::string message = test::refusal_of([&] { stream.next(solo.stream()); });
    CAPTURE(message);
    CHECK(message.find("t.npy: element [50000, 7] is inf") != std::string::npos);
}

TEST_CASE("data: a member without rows in a batch has turns all the same") {
    test::Solo solo;
    const auto machine = solo.machine();
    const Dataset dataset(in_memory(5), rules(2));
    BatchStream stream(machine.device, machine.cores, dataset, 3, 9);
    stream.begin_epoch(0);
    std::int64_t turns = 0, all = 0;
    while (stream.next(solo.stream())) {
        ++turns;
        all += stream.global_rows();
        CHECK(stream.rows() == 0);
        CHECK(stream.inputs() != nullptr);
    }
    CHECK(turns == 3);
    CHECK(all == 5);
}

TEST_CASE("data: whether every sample was seen once per epoch is counted") {
    test::Solo solo;
    const auto machine = solo.machine();
    const Dataset dataset(in_memory(1000), rules(64));
    BatchStream stream(machine.device, machine.cores, dataset, 0, 1);
    CHECK(seen_once(stream, machine, solo.stream()));
    for (std::int64_t epoch = 0; epoch < 20; ++epoch) {
        stream.begin_epoch(epoch);
        while (stream.next(solo.stream())) {
        }
        CHECK(seen_once(stream, machine, solo.stream()));
    }
    stream.begin_epoch(20);
    stream.next(solo.stream());
    CHECK(!seen_once(stream, machine, solo.stream()));
    // One member of two sees half of them.
    BatchStream half(machine.device, machine.cores, dataset, 0, 2);
    half.begin_epoch(0);
    while (half.next(solo.stream())) {
    }
    CHECK(!seen_once(half, machine, solo.stream()));
}

TEST_CASE("data: counting finds a row that was seen twice in place of another") {
    test::Solo solo;
    const auto machine = solo.machine();
    // Marked, and far beyond what is marked.
    for (const std::int64_t rows : {std::int64_t{100}, data::SeenRows::marked_rows + 7}) {
        std::vector<std::int64_t> all(static_cast<std::size_t>(rows));
        std::iota(all.begin(), all.end(), 0);
        data::SeenRows seen(rows);
        const auto once = [&] {
            return execution::once_per_epoch({{&seen, &machine, &solo.stream()}}, 0);
        };
        seen.begin_epoch();
        seen.add(all.data(), rows);
        CHECK(once());
        std::swap(all[3], all[17]);
        seen.begin_epoch();
        seen.add(all.data(), rows);
        CHECK(once());
        seen.begin_epoch();
        all[3] = all[4];
        seen.add(all.data(), rows);
        CHECK(!once());
    }
    // Twice in one epoch and never in the next.
    data::SeenRows seen(2);
    const std::int64_t zero = 0, one = 1;
    seen.begin_epoch();
    seen.add(&zero, 1);
    seen.add(&zero, 1);
    seen.begin_epoch();
    seen.add(&one, 1);
    seen.add(&one, 1);
    CHECK(!execution::once_per_epoch({{&seen, &machine, &solo.stream()}}, 0));
}
