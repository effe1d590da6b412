// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/cpu_list.hpp"

#include <doctest/doctest.h>

using namespace warpstep::process;

TEST_CASE("process: a list of CPUs is read and shown in the kernel's form") {
    CHECK(parse_cpus("0-3,8") == CpuList{0, 1, 2, 3, 8});
    CHECK(parse_cpus("8,0-1,1") == CpuList{0, 1, 8});
    CHECK(parse_cpus("") == CpuList{});
    CHECK(show({0, 1, 2, 3, 8}) == "0-3,8");
    CHECK(show({112}) == "112");
    CHECK(show({}) == "");
    CHECK(show(*parse_cpus("0-13,112-125")) == "0-13,112-125");
}

TEST_CASE("process: what is no list of CPUs is nothing") {
    for (const char* text : {"a", "1-", "-1", "3-1", "1,,2", "1 2", "0x3", "1-2-3", "99999"})
        CHECK_MESSAGE(!parse_cpus(text), text);
}
