// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/orders.hpp"

#include <doctest/doctest.h>

#include "runtime/process/failure.hpp"

using namespace warpstep::spank;
using warpstep::process::CpuList;
using warpstep::process::Failure;

TEST_CASE("spank: an answer of a real node") {
    const Orders orders =
        parse_orders("bind 0-2,112\nmemory 0\nset RANK=3\nset NCCL_SOCKET_IFNAME==eth0\nset E=\n");
    CHECK(orders.cpus == CpuList{0, 1, 2, 112});
    CHECK(orders.memory == CpuList{0});
    REQUIRE(orders.changes.size() == 3);
    CHECK(orders.changes[0].name == "RANK");
    CHECK(orders.changes[0].value == "3");
    CHECK(orders.changes[1].value == "=eth0");
    CHECK(orders.changes[2].name == "E");
    CHECK(orders.changes[2].value.empty());
}

TEST_CASE("spank: an answer of a described node binds nothing") {
    const Orders orders = parse_orders("set RANK=3\n");
    CHECK(orders.cpus.empty());
    CHECK(orders.memory.empty());
    CHECK(orders.changes.size() == 1);
}

TEST_CASE("spank: a task may be near no memory") {
    CHECK(parse_orders("bind 1\nmemory \n").memory.empty());
}

TEST_CASE("spank: half an answer is none") {
    for (const char* text :
         {"", "bind 0", "bind 0\nset RANK=3", "bind\n", "bind \n", "bind x\n", "bind 3-1\n",
          "set RANK\n", "set =3\n", "set\n", "unbind 0\n", "\n", "bind 0\n\n", "Bind 0\n"})
        CHECK_THROWS_AS(parse_orders(text), Failure);
}
