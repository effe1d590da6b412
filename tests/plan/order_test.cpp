// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/order.hpp"

#include <doctest/doctest.h>

#include "tests/plan/by_hand.hpp"

using namespace warpstep;
using plan::Order;
using test::a_step;
using test::message_of;
using test::on;

namespace {

std::string refusal(const std::vector<workload::Step>& steps) {
    return message_of([&] { const Order order(steps); });
}

}  // namespace

TEST_CASE("plan: steps of one stream are in file order, others are not ordered") {
    const Order order({a_step("a", "barrier"), on(a_step("b", "barrier"), "x"),
                       a_step("c", "barrier"), on(a_step("d", "barrier"), "x")});
    CHECK(order.streams() == 2);
    CHECK(order.before(0, 2));
    CHECK(order.before(1, 3));
    CHECK_FALSE(order.before(2, 0));
    CHECK_FALSE(order.before(0, 1));
    CHECK_FALSE(order.before(1, 2));
    CHECK_FALSE(order.before(0, 3));
    CHECK_FALSE(order.before(0, 0));
    CHECK(order.predecessors(3) == std::vector<std::size_t>{1});
}

TEST_CASE("plan: needs order streams, along whole paths") {
    const Order order({on(a_step("up0", "barrier"), "copy"), on(a_step("up1", "barrier"), "copy"),
                       on(a_step("mul0", "barrier"), "compute", {"up0"}),
                       on(a_step("mul1", "barrier"), "compute", {"up1"}),
                       on(a_step("down", "barrier"), "third", {"mul1"})});
    CHECK(order.before(0, 2));
    CHECK_FALSE(order.before(1, 2));
    CHECK(order.before(0, 3));
    CHECK(order.before(0, 4));
    CHECK(order.before(2, 4));
    CHECK_FALSE(order.before(2, 1));
    CHECK(order.predecessors(3) == std::vector<std::size_t>{2, 1});
}

TEST_CASE("plan: a container stands on the default stream") {
    auto all = test::container("all", {});
    all.stream = "x";
    const Order order({on(a_step("a", "barrier"), "x"), all, a_step("b", "barrier")});
    CHECK(order.before(1, 2));
    CHECK_FALSE(order.before(0, 1));
}

TEST_CASE("plan: needs that name no step above are refused with the place") {
    CHECK(
        refusal({a_step("upload", "barrier", 3), on(a_step("b", "barrier", 4), "", {"uplaod"})}) ==
        "f.yaml:4:40: step 'b' needs 'uplaod', which is no step of the same list; did you mean "
        "'upload'?");
    CHECK(refusal({on(a_step("a", "barrier", 4), "", {"a"})}) ==
          "f.yaml:4:40: step 'a' needs itself; remove it from needs");
    CHECK(refusal({on(a_step("a", "barrier", 4), "x", {"b"}), a_step("b", "barrier", 9)}) ==
          "f.yaml:4:40: step 'a' needs 'b', which stands below it at f.yaml:9:5 (needs name steps "
          "above); move 'b' up");
}

TEST_CASE("plan: a cycle is shown from step to step with its places") {
    CHECK(refusal({on(a_step("a", "barrier", 4), "x", {"c"}),
                   on(a_step("b", "barrier", 5), "y", {"a"}),
                   on(a_step("c", "barrier", 6), "z", {"b"})}) ==
          "f.yaml:4:40: steps wait for each other ('a' needs 'c', 'c' needs 'b' (f.yaml:6:40), 'b' "
          "needs 'a' (f.yaml:5:40)); remove one of these needs");
    CHECK(
        refusal({on(a_step("a", "barrier", 4), "x", {"b"}), on(a_step("b", "barrier", 5), "x")}) ==
        "f.yaml:4:40: steps wait for each other ('a' needs 'b', 'b' comes after 'a' on stream "
        "x); remove one of these needs");
}

TEST_CASE("plan: lists inside containers are checked, too") {
    workload::Workload workload;
    workload.steps = {
        test::container("all", {on(a_step("inner", "barrier", 7), "", {"outer"})}),
    };
    CHECK(message_of([&] { plan::check_order(workload); }).starts_with("f.yaml:7:40:"));
}

TEST_CASE("plan: the critical path is the longest chain") {
    const std::vector<workload::Step> steps{on(a_step("up0", "barrier"), "copy"),
                                            on(a_step("up1", "barrier"), "copy"),
                                            on(a_step("mul0", "barrier"), "compute", {"up0"}),
                                            on(a_step("mul1", "barrier"), "compute", {"up1"})};
    CHECK(plan::critical_path(steps, {1, 1, 5, 5}) == 11);
    CHECK(plan::critical_path(steps, {4, 4, 1, 1}) == 9);
    CHECK(plan::critical_path(steps, {0, 0, 0, 0}) == 0);
    CHECK(plan::critical_path({}, {}) == 0);
}

TEST_CASE("plan: before() agrees with a search through all paths") {
    // A list whose needs and streams follow from a simple generator, and the slow definition.
    std::uint32_t state = 1;
    const auto next = [&](std::uint32_t n) {
        state = state * 1664525U + 1013904223U;
        return (state >> 16) % n;
    };
    for (int round = 0; round < 50; ++round) {
        std::vector<workload::Step> steps;
        for (std::size_t i = 0; i < 14; ++i) {
            std::vector<std::string> needs;
            if (i > 0 && next(3) == 0) needs.push_back("s" + std::to_string(next(i)));
            steps.push_back(on(a_step("s" + std::to_string(i), "barrier"),
                               std::string(1, static_cast<char>('a' + next(4))), needs));
        }
        const Order order(steps);
        std::vector<std::vector<bool>> reaches(14, std::vector<bool>(14));
        for (std::size_t j = 0; j < 14; ++j) {
            for (const std::size_t i : order.predecessors(j)) {
                reaches[i][j] = true;
                for (std::size_t k = 0; k < i; ++k) {
                    if (reaches[k][i]) reaches[k][j] = true;
                }
            }
        }
        for (std::size_t i = 0; i < 14; ++i) {
            for (std::size_t j = 0; j < 14; ++j) REQUIRE(order.before(i, j) == reaches[i][j]);
        }
    }
}
