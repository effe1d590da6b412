// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/storage.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "runtime/data/random.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"

using namespace warpstep;
using execution::Storage;
using plan::BufferPlan;

namespace {

std::vector<BufferPlan> plans_of(const std::string& buffers,
                                 const std::set<std::string>& collective = {}) {
    const auto workload = test::parse("version: 1\nname: t\nbuffers:\n" + buffers +
                                      "steps: [ { name: meet, run: barrier } ]\n");
    const plan::RankScope scope(workload, step::Step{}, device::Facts{});
    return plan::plan_buffers(workload, scope, collective);
}

template <typename T>
std::vector<T> content(const std::string& buffer, const std::set<std::string>& collective = {}) {
    test::Solo solo;
    const auto machine = solo.machine();
    const auto plans = plans_of("  b: " + buffer + "\n", collective);
    const Storage storage(machine, plans);
    storage.initialize(solo.stream());
    const auto bytes = storage.read("b", 0, plans[0].count, solo.stream());
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

std::string refusal(const std::string& buffer) {
    return test::refusal_of([&] { plans_of("  b: " + buffer + "\n"); });
}

}  // namespace

TEST_CASE("execution: a plan holds what the file says of a buffer") {
    const auto plans = plans_of(
        "  a: { dtype: f64, shape: [3, 4 * ranks, 2] }\n"
        "  b: { dtype: u8, count: 0, memory: host_pinned, init: rank + 7 }\n",
        {"b"});
    REQUIRE(plans.size() == 2);
    CHECK(plans[0].count == 24);
    CHECK(plans[0].bytes() == 192);
    CHECK(plans[0].memory == workload::MemoryKind::device);
    CHECK_FALSE(plans[0].collective);
    CHECK(plans[1].count == 0);
    CHECK(plans[1].dtype == DType::u8);
    CHECK(plans[1].memory == workload::MemoryKind::host_pinned);
    CHECK(plans[1].number == 7);
    CHECK(plans[1].collective);
}

TEST_CASE("execution: every kind of first values") {
    CHECK(content<float>("{ count: 3 }") == std::vector<float>{0, 0, 0});
    CHECK(content<float>("{ count: 2, init: 0.1 }") == std::vector<float>{0.1f, 0.1f});
    CHECK(content<int>("{ dtype: i32, count: 4, init: iota }") == std::vector<int>{0, 1, 2, 3});
    CHECK(content<unsigned char>("{ dtype: u8, count: 256, init: iota }").back() == 255);
    CHECK(content<double>("{ dtype: f64, count: 0, init: iota }").empty());
    const auto uniform =
        content<double>("{ dtype: f64, count: 40001, init: { random: uniform, seed: 3 } }");
    const auto normal = content<float>("{ count: 9, init: { random: normal, seed: 3 } }");
    const auto small =
        content<long long>("{ dtype: i64, count: 9, init: { random: small_integers } }");
    REQUIRE(uniform.size() == 40'001);
    for (std::uint64_t i = 0; i < 40'001; ++i) {
        REQUIRE(uniform[i] == data::random_uniform(3, i));
    }
    for (std::uint64_t i = 0; i < 9; ++i) {
        CHECK(normal[i] == static_cast<float>(data::random_normal(3, i)));
        CHECK(static_cast<double>(small[i]) == data::random_small_integer(0, i));
    }
}

TEST_CASE("execution: buffers of collectives live with the communicator and start the same") {
    CHECK(content<int>("{ dtype: i32, count: 4, init: iota }", {"b"}) ==
          std::vector<int>{0, 1, 2, 3});
    CHECK(content<int>("{ dtype: i32, count: 0 }", {"b"}).empty());
}

TEST_CASE("execution: parts of a buffer are read, the whole is written") {
    test::Solo solo;
    const auto machine = solo.machine();
    const Storage storage(machine, plans_of("  b: { dtype: i32, count: 5, init: iota }\n"));
    storage.initialize(solo.stream());
    const auto middle = storage.read("b", 2, 2, solo.stream());
    REQUIRE(middle.size() == 8);
    int values[2];
    std::memcpy(values, middle.data(), 8);
    CHECK(values[0] == 2);
    CHECK(values[1] == 3);
    storage.write("b", std::vector<char>(20, 1), solo.stream());
    CHECK(storage.read("b", 0, 5, solo.stream()) == std::vector<char>(20, 1));
    CHECK(storage.has("b"));
    CHECK_FALSE(storage.has("c"));
    CHECK_THROWS_AS(storage.at("c"), LogicError);
}

TEST_CASE("execution: sizes that no memory has are refused with the buffer's place") {
    CHECK(refusal("{ dtype: u8, count: ranks - 2 }").find("has -1 elements (ranks - 2)") !=
          std::string::npos);
    CHECK(refusal("{ dtype: f64, shape: [4Ti, 4Mi] }").starts_with("test.yaml:4:"));
    CHECK(refusal("{ dtype: f64, shape: [0, 4Ti] }") == "no error");
}

TEST_CASE("execution: first values that the type cannot hold are refused") {
    for (const char* buffer :
         {"{ dtype: u8, count: 2, init: 256 }", "{ dtype: u8, count: 2, init: -1 }",
          "{ dtype: u8, count: 257, init: iota }", "{ dtype: i32, count: 2, init: 0.5 }",
          "{ dtype: u8, count: 2, init: { random: small_integers } }",
          "{ dtype: i32, count: 2, init: { random: uniform } }"}) {
        CAPTURE(buffer);
        CHECK(refusal(buffer).starts_with("test.yaml:4:"));
    }
    CHECK(refusal("{ dtype: u8, count: 2, init: 255 }") == "no error");
}
