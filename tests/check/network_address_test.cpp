// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/network_address.hpp"

#include <doctest/doctest.h>

using namespace warpstep::check;

namespace {

NetworkAddress address(const char* text) {
    const auto found = parse_address(text);
    REQUIRE(found);
    return *found;
}

}  // namespace

TEST_CASE("check: addresses are read and shown, with and without a prefix") {
    for (const char* text : {"10.77.0.2/24", "10.77.0.2", "fd00::2/64", "::1", "0.0.0.0/0"})
        CHECK_EQ(show(address(text)), text);
    for (const char* text : {"", "n1", "10.0.0", "10.0.0.1/33", "10.0.0.1/x", "fd00::2/129", "/8"})
        CHECK_FALSE(parse_address(text));
}

TEST_CASE("check: a network is what the prefix leaves of an address") {
    CHECK_EQ(show(network_of(address("10.77.3.130/25"))), "10.77.3.128/25");
    CHECK_EQ(show(network_of(address("fd00:1:2:3:4::5/50"))), "fd00:1:2::/50");
    CHECK(address("10.0.0.0/8").spans(address("10.9.8.7/24")));
    CHECK_FALSE(address("10.0.0.0/8").spans(address("11.0.0.1")));
    CHECK_FALSE(address("10.0.0.0/8").spans(address("fd00::1")));
}

TEST_CASE("check: loopback and link-local addresses reach nobody") {
    CHECK(address("127.0.1.1").is_loopback());
    CHECK(address("::1").is_loopback());
    CHECK_FALSE(address("10.0.0.1").is_loopback());
    CHECK(address("169.254.7.7/16").is_link_local());
    CHECK(address("fe80::1/64").is_link_local());
    const Interface eth{"eth0", true, false, {"fe80::1/64", "10.0.0.1/24", "127.0.0.1/8"}};
    REQUIRE_EQ(reachable_addresses(eth).size(), 1);
    CHECK_EQ(show(reachable_addresses(eth).front()), "10.0.0.1/24");
    CHECK(reachable_addresses({"eth0", false, false, {"10.0.0.1/24"}}).empty());
}

TEST_CASE("check: NCCL's lists name by beginning, by whole name, or all others") {
    CHECK(nccl_names("eth", "eth0"));
    CHECK(nccl_names("ib,eth1", "eth1.7"));
    CHECK_FALSE(nccl_names("eth1", "eth0"));
    CHECK(nccl_names("=eth0,eth1", "eth1"));
    CHECK_FALSE(nccl_names("=eth", "eth0"));
    CHECK(nccl_names("^docker,lo", "eth0"));
    CHECK_FALSE(nccl_names("^docker,lo", "docker0"));
    CHECK(nccl_names("^=lo", "lo1"));
    CHECK_FALSE(nccl_names("^=lo", "lo"));
    CHECK(nccl_names("", "eth0"));
    CHECK_FALSE(nccl_names("^", "eth0"));
}

TEST_CASE("check: an entry of NCCL's lists may name a port") {
    CHECK(nccl_names("mlx5_0:1", "mlx5_0", 1));
    CHECK_FALSE(nccl_names("mlx5_0:2", "mlx5_0", 1));
    CHECK(nccl_names("=mlx5_1", "mlx5_1", 2));
    CHECK_FALSE(nccl_names("^=mlx5_3:1", "mlx5_3", 1));
    CHECK(nccl_names("^=mlx5_3:1", "mlx5_3", 2));
}
