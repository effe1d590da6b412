// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/topology/node.hpp"

using warpstep::topology::PciAddress;

TEST_CASE("topology: a PCI address is read in the forms that tools print") {
    const PciAddress expected{0, 0x1b, 0, 0};
    for (const char* text : {"0000:1b:00.0", "00000000:1B:00.0", "1b:00.0"}) {
        CAPTURE(text);
        REQUIRE(PciAddress::parse(text).has_value());
        CHECK(*PciAddress::parse(text) == expected);
    }
    CHECK(show(expected) == "0000:1b:00.0");
    CHECK(show(*PciAddress::parse("10000:e1:1f.7")) == "10000:e1:1f.7");
}

TEST_CASE("topology: what is not a PCI address is nothing") {
    for (const char* text : {"", "1b", "1b:00", "1b:00.", "1b:00.8", "1b:20.0", "0000:1b:00.0 ",
                             "x:1b:00.0", "0:0000:1b:00.0", "100:00.0", ":1b:00.0"}) {
        CAPTURE(text);
        CHECK_FALSE(PciAddress::parse(text).has_value());
    }
}

TEST_CASE("topology: PCI addresses order by domain, bus, device, function") {
    CHECK(*PciAddress::parse("0000:ff:00.0") < *PciAddress::parse("0001:00:00.0"));
    CHECK(*PciAddress::parse("0000:0a:1f.0") < *PciAddress::parse("0000:10:00.0"));
    CHECK(*PciAddress::parse("0000:0a:00.0") < *PciAddress::parse("0000:0a:00.1"));
}
