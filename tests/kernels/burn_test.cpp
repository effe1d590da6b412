// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/burn_cases.hpp"

using namespace warpstep;
using doctest::Contains;
using test::Burn;
using test::Elements;
using test::HostSide;
using test::Side;

TEST_CASE("kernels: burn counts rounds without errors and finds the same checksum every time") {
    HostSide side(2);
    test::check_burn_agrees(side);
}

TEST_CASE("kernels: burn finds flipped bits, with their number and the first place") {
    HostSide side(2);
    test::check_burn_finds_flips(side);
}

TEST_CASE("kernels: burn of empty matrices is right by definition") {
    HostSide side;
    test::check_burn_of_nothing(side);
}

TEST_CASE("kernels: burn's bytes and flops count every round") {
    Burn burn({DType::f16, DType::f32}, {3, 5, 7});
    const kernels::Kernel& kernel = *kernels::find("burn");
    CHECK(kernel.flops(burn.arguments(10)) == 10 * 2 * 3 * 5 * 7);
    CHECK(kernel.bytes(burn.arguments(10)) == 10 * (2 * (3 * 7 + 7 * 5) + 3 * 4 * 3 * 5));
    std::vector<std::string> report;
    for (const auto& number : kernel.report) report.push_back(number.name);
    CHECK(report == std::vector<std::string>{"errors", "first_wrong", "checksum", "rounds"});
}

TEST_CASE("kernels: burn refuses what it could not judge by") {
    Burn burn({DType::f32, DType::f32}, {4, 4, 4});
    for (const double rounds : {0.0, -1.0, 1.5, 1e9}) {
        CHECK_THROWS_WITH_AS(Side::check("burn", burn.arguments(rounds)), Contains("rounds is"),
                             ConfigError);
    }
    const auto with = [&](const Elements& first, const Elements& report) {
        kernels::Arguments all;
        add(all, "a", burn.product.a);
        add(all, "b", burn.product.b);
        add(all, "c", burn.product.c);
        add(all, "first", first);
        add(all, "report", report);
        Side::check("burn", all);
    };
    CHECK_NOTHROW(with(burn.first, Elements(DType::i64, {9})));
    CHECK_THROWS_WITH_AS(with(burn.first, Elements(DType::i64, {3})), Contains("'report' is 3 i64"),
                         ConfigError);
    CHECK_THROWS_AS(with(burn.first, Elements(DType::f64, {4})), ConfigError);
    CHECK_THROWS_WITH_AS(with(Elements(DType::f32, {4, 5}), burn.report),
                         Contains("'first' is 20 f32 but 'c' is 16 f32"), ConfigError);
    CHECK_THROWS_WITH_AS(with(burn.product.c, burn.report), Contains("'c' and 'first' overlap"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(with(burn.product.a, burn.report), Contains("'a' and 'first' overlap"),
                         ConfigError);
}
