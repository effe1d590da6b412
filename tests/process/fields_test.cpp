// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/fields.hpp"

#include <doctest/doctest.h>

#include <string>

#include "runtime/process/failure.hpp"

using namespace warpstep::process;

TEST_CASE("process: fields keep order, repetitions and any bytes") {
    const Fields fields{
        {"set", "A=1"}, {"set", std::string("B=\n:\0x", 6)}, {"", ""}, {"exec", ""}};
    CHECK(decode(encode(fields)) == fields);
    CHECK(decode(encode({})).empty());
    CHECK(value_of(fields, "set") == "A=1");
    CHECK(value_of(fields, "absent") == "");
}

TEST_CASE("process: cut or foreign bytes are refused") {
    const std::string bytes = encode({{"cpus", "0-3"}, {"rank", "7"}});
    for (std::size_t length = 0; length + 1 < bytes.size(); ++length)
        CHECK_THROWS_AS(decode(bytes.substr(0, length)), Failure);
    CHECK_THROWS_AS(decode("99999999999999999999:x."), Failure);
    CHECK_THROWS_AS(decode("hello"), Failure);
}
