// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/value.hpp"

#include <doctest/doctest.h>

using namespace warpstep::workload;

TEST_CASE("workload: plain values are shown without a unit") {
    CHECK(show(Value{std::int64_t{4194304}, no_unit}) == "4194304");
    CHECK(show(Value{std::int64_t{-7}, no_unit}) == "-7");
    CHECK(show(Value{0.1 + 0.2, no_unit}) == "0.3");
    CHECK(show(Value{4.0, no_unit}) == "4");
    CHECK(show(Value{true, no_unit}) == "true");
    CHECK(show(Value{false, no_unit}) == "false");
    CHECK(show(Value{std::string("cuda"), no_unit}) == "cuda");
}

TEST_CASE("workload: values with a unit are shown in the unit people read") {
    CHECK(show(Value{std::int64_t{100663296}, unit_bytes}) == "96 MiB");
    CHECK(show(Value{std::int64_t{-1024}, unit_bytes}) == "-1 KiB");
    CHECK(show(Value{0.5, unit_bytes}) == "0.5 B");
    CHECK(show(Value{1e30, unit_bytes}) == "1e+30 B");
    CHECK(show(Value{0.00125, unit_seconds}) == "1.25 ms");
    CHECK(show(Value{42.3e9, unit_bytes_per_second}) == "42.3 GB/s");
    CHECK(show(Value{790e12, unit_flops_per_second}) == "790 TFLOP/s");
    CHECK(show(Value{std::int64_t{3}, Unit{2, -1, 0}}) == "3 bytes^2/s");
}

TEST_CASE("workload: units have names for messages") {
    CHECK(show(no_unit) == "a plain number");
    CHECK(show(unit_bytes) == "bytes");
    CHECK(show(unit_seconds) == "seconds");
    CHECK(show(unit_bytes_per_second) == "bytes/s");
    CHECK(show(unit_flops_per_second) == "flops/s");
    CHECK(show(Unit{0, -2, 0}) == "1/s^2");
    CHECK(show(Unit{-1, 0, 1}) == "flops/bytes");
    CHECK(show(Unit{1, 1, 0}) == "bytes*seconds");
}

TEST_CASE("workload: integers and reals are different values that know they are numbers") {
    const Value whole{std::int64_t{2}, no_unit};
    const Value real{2.0, no_unit};
    CHECK(whole.is_number());
    CHECK(whole.is_integer());
    CHECK(real.is_number());
    CHECK_FALSE(real.is_integer());
    CHECK(whole.number() == real.number());
    CHECK_FALSE(whole == real);
    CHECK_FALSE((Value{true, no_unit}.is_number()));
    CHECK_FALSE((whole == Value{std::int64_t{2}, unit_bytes}));
}
