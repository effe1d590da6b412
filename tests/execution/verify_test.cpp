// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/verify.hpp"
#include "runtime/plan/verify_rule.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"

using namespace warpstep;
using execution::VerifyResult;
using plan::BufferPlan;
using workload::Expression;
using workload::VerifyRule;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
const double not_a_number = std::nan("");

template <typename T>
constexpr DType dtype_of = std::is_same_v<T, float>    ? DType::f32
                           : std::is_same_v<T, double> ? DType::f64
                                                       : DType::i32;

VerifyRule equals(const std::string& text = "want") {
    VerifyRule rule;
    rule.buffer = "got";
    rule.equals = Expression::parse(text);
    return rule;
}
VerifyRule within_ulp(double ulp) {
    VerifyRule rule = equals();
    rule.ulp = ulp;
    return rule;
}
VerifyRule near(double rtol, double atol) {
    VerifyRule rule = equals();
    rule.rtol = rtol;
    rule.atol = atol;
    return rule;
}
VerifyRule exact() {
    VerifyRule rule = equals();
    rule.exact = true;
    return rule;
}

plan::RankScope empty_scope() {
    return plan::RankScope({}, step::Step{}, device::Facts{});
}

template <typename T>
std::vector<char> bytes_of(const std::vector<T>& values) {
    std::vector<char> bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

template <typename T>
VerifyResult verify(const VerifyRule& rule, const std::vector<T>& got, const std::vector<T>& want,
                    const execution::Snapshots& before = {}) {
    static test::Solo solo(1);
    const auto machine = solo.machine();
    BufferPlan plan;
    plan.dtype = dtype_of<T>;
    std::vector<BufferPlan> plans;
    for (const auto* values : {&got, &want}) {
        plan.name = values == &got ? "got" : "want";
        plan.count = static_cast<std::int64_t>(values->size());
        plans.push_back(plan);
    }
    plan::check_rule(rule, plans, empty_scope());
    const execution::Storage storage(machine, plans);
    storage.write("got", bytes_of(got), solo.stream());
    storage.write("want", bytes_of(want), solo.stream());
    return execution::verify(rule, storage, empty_scope(), before, solo.stream());
}

template <typename T>
bool passes(const VerifyRule& rule, T got, T want) {
    return verify<T>(rule, {want, got}, {want, want}).passed;
}

}  // namespace

TEST_CASE_TEMPLATE("execution: a distance in ulp is accepted up to its border", T, float, double) {
    const T e = std::numeric_limits<T>::epsilon();
    CHECK(passes<T>(within_ulp(1), 1 + e, 1));
    CHECK_FALSE(passes<T>(within_ulp(1), 1 + 2 * e, 1));
    CHECK(passes<T>(within_ulp(2), 1 + 2 * e, 1));
    CHECK(passes<T>(within_ulp(1), 1 - e, 1));
    CHECK_FALSE(passes<T>(within_ulp(1), 1 - 3 * e / 2, 1));
    CHECK_FALSE(passes<T>(within_ulp(0), 1 + e, 1));
    CHECK(passes<T>(within_ulp(0), -1, -1));
    CHECK(passes<T>(equals(), 1 + e, 1));  // 1 ulp when nothing is given
    CHECK_FALSE(passes<T>(equals(), 1 + 2 * e, 1));
    CHECK(verify<T>(within_ulp(4), {1 + 3 * e}, {1}).worst_ulp == 3);
}

TEST_CASE_TEMPLATE("execution: an ulp at both ends of a type's range", T, float, double) {
    const T largest = std::numeric_limits<T>::max();
    const T below = std::nextafter(largest, T{0});
    CHECK(passes<T>(within_ulp(1), below, largest));
    CHECK_FALSE(passes<T>(within_ulp(1), std::nextafter(below, T{0}), largest));
    CHECK_FALSE(passes<T>(within_ulp(1), 0, largest));
    const T tiny = std::numeric_limits<T>::denorm_min();
    CHECK(passes<T>(within_ulp(1), tiny, 0));
    CHECK_FALSE(passes<T>(within_ulp(1), 2 * tiny, 0));
}

TEST_CASE("execution: exact means the expected value rounded once to the buffer's type") {
    CHECK(verify<float>(equals("index / 10"), {0, 0.1f, 0.2f}, {0}).passed);
    VerifyRule rule = equals("index / 10");
    rule.exact = true;
    CHECK(verify<float>(rule, {0, 0.1f, 0.2f}, {0}).passed);
    CHECK_FALSE(verify<float>(rule, {0, 0.1f, std::nextafter(0.2f, 1.0f)}, {0}).passed);
    CHECK(passes<double>(exact(), -0.0, 0.0));
}

TEST_CASE("execution: whole numbers are compared exactly unless a tolerance is given") {
    CHECK(passes<int>(equals(), 5, 5));
    CHECK_FALSE(passes<int>(equals(), 6, 5));
    CHECK_FALSE(passes<int>(within_ulp(1), 7, 5));
    CHECK(passes<int>(within_ulp(2), 7, 5));
    CHECK(verify<int>(equals(), {7}, {5}).worst_ulp == 2);
    CHECK_FALSE(verify<int>(equals("5 / 2"), {2}, {0}).passed);
}

TEST_CASE("execution: relative and absolute tolerance add up") {
    CHECK(passes<double>(near(0.25, 0), 10, 8));
    CHECK_FALSE(passes<double>(near(0.25, 0), 10.001, 8));
    CHECK(passes<double>(near(0.25, 1), 11, 8));
    CHECK_FALSE(passes<double>(near(0.25, 1), 11.001, 8));
    CHECK_FALSE(passes<double>(near(0.25, 0), 1e-300, 0));
    CHECK(passes<double>(near(0, 0.5), -0.5, 0));
}

TEST_CASE("execution: NaN and infinity never pass by accident") {
    for (const auto& rule : {equals(), exact(), within_ulp(1e18), near(1e18, 1e18)}) {
        CHECK_FALSE(passes<double>(rule, not_a_number, 1));
        CHECK_FALSE(passes<double>(rule, 1, not_a_number));
        CHECK_FALSE(passes<double>(rule, not_a_number, not_a_number));
        CHECK_FALSE(passes<double>(rule, infinite, infinite));
        CHECK_FALSE(passes<double>(rule, 1, infinite));
        CHECK_FALSE(passes<double>(rule, infinite, 1));
    }
    CHECK_FALSE(verify<double>(equals("1 / index"), {1e308, 1, 0.5}, {0}).passed);
}

TEST_CASE("execution: allow_nan accepts only what is expected") {
    for (auto rule : {equals(), exact(), near(1, 1)}) {
        rule.allow_nan = true;
        CHECK(passes<double>(rule, not_a_number, not_a_number));
        CHECK(passes<double>(rule, -infinite, -infinite));
        CHECK_FALSE(passes<double>(rule, infinite, -infinite));
        CHECK_FALSE(passes<double>(rule, not_a_number, infinite));
        CHECK_FALSE(passes<double>(rule, not_a_number, 1));
        CHECK_FALSE(passes<double>(rule, 1, not_a_number));
    }
}

TEST_CASE("execution: a failure tells how many elements differ and shows the first, also late") {
    std::vector<double> got(40'000, 2), want(40'000, 2);
    got[33'333] = 3;
    got[39'999] = 4;
    const VerifyResult result = verify(equals("want"), got, want);
    CHECK_FALSE(result.passed);
    CHECK(result.rule == "equals want");
    CHECK(result.detail == "2 of 40000 elements differ, first got[33333] = 3 (expected 2)");
}

TEST_CASE("execution: before() is the content before the step, one element stands for all") {
    const execution::Snapshots before{{"got", bytes_of<double>({10, 20, 30})}};
    CHECK(execution::snapshots_needed(equals("before(got) + want * before(want)")) ==
          std::vector<std::string>{"got", "want"});
    CHECK(execution::snapshots_needed(equals()).empty());
    CHECK(verify<double>(equals("before(got) + want"), {15, 25, 35}, {5}, before).passed);
    CHECK_FALSE(verify<double>(equals("before(got) + want"), {15, 25, 36}, {5}, before).passed);
}

TEST_CASE("execution: buffers of other lengths are refused before anything runs") {
    for (const auto& want : {std::vector<double>{1, 2}, std::vector<double>{1, 2, 3, 4}}) {
        const auto message = test::refusal_of([&] { verify<double>(equals(), {1, 2, 3}, want); });
        CHECK(message.find("but the verified buffer 'got' has 3") != std::string::npos);
    }
    CHECK(test::refusal_of([&] {
              verify<double>(equals("wants"), {1}, {1});
          }).find("'wants' cannot be used on elements") != std::string::npos);
}

TEST_CASE("execution: the rule over ranks delivers a hash of the content and refuses NaN") {
    VerifyRule same;
    same.buffer = "got";
    same.same_on_all_ranks = true;
    const auto first = verify<float>(same, {1, 2}, {0});
    CHECK(first.passed);
    CHECK(first.hash.size() == 16);
    CHECK(verify<float>(same, {1, 2}, {0}).hash == first.hash);
    CHECK(verify<float>(same, {2, 1}, {0}).hash != first.hash);
    CHECK_FALSE(verify<float>(same, {1, std::nanf("")}, {0}).passed);
    same.allow_nan = true;
    CHECK(verify<float>(same, {1, std::nanf("")}, {0}).passed);
}
