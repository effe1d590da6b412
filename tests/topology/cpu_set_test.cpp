// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/cpu_set.hpp"

#include <doctest/doctest.h>
#include <hwloc/bitmap.h>

#include <utility>

#include "runtime/base/error.hpp"

using warpstep::ConfigError;
using warpstep::topology::CpuSet;

TEST_CASE("topology: a CPU list is read and shown the same way") {
    for (const char* list : {"", "0", "0-3,8", "3,5,7", "56-111,168-223"})
        CHECK(show(CpuSet::parse(list)) == list);
    CHECK(show(CpuSet::parse(" 4 , 0-2,1 ")) == "0-2,4");
}

TEST_CASE("topology: what is not a CPU list is refused in one line") {
    for (const char* list :
         {"a", "0-", "-3", "3-1", "0,,2", "1,", "0x3", "0-3-5", "99999999999", "0 1", ","}) {
        CAPTURE(list);
        CHECK_THROWS_AS(CpuSet::parse(list), ConfigError);
    }
    CHECK_THROWS_WITH(
        CpuSet::parse("0-x"),
        "'0-x' is not a list of CPUs (numbers from 0 to 65535 and ranges); write it like 0-3,8");
}

TEST_CASE("topology: a CPU set is a value with the operations of a set") {
    const CpuSet a = CpuSet::parse("0-3"), b(std::vector<int>{2, 3, 70});
    CHECK(show(a & b) == "2-3");
    CHECK(show(a | b) == "0-3,70");
    CHECK(show(b - a) == "70");
    CHECK(a.intersects(b));
    CHECK_FALSE(a.contains(b));
    CHECK(a.contains(a & b));
    CHECK(a.contains(CpuSet()));
    CHECK(b.contains(70));
    CHECK_FALSE(b.contains(-1));
    CHECK(b.size() == 3);
    CHECK(b.cpus() == std::vector<int>{2, 3, 70});
    CHECK(CpuSet().empty());

    CpuSet copy = a;
    copy.add(9);
    CHECK(a.size() == 4);
    CHECK(copy != a);
    CpuSet moved = std::move(copy);
    copy = a;
    CHECK(moved.contains(9));
    CHECK(copy == a);
}

TEST_CASE("topology: a set without end or beyond any machine is not finite") {
    CHECK(CpuSet().is_finite());
    CHECK(CpuSet::parse("0-65535").is_finite());
    hwloc_bitmap_t bitmap = hwloc_bitmap_alloc_full();
    CHECK_FALSE(CpuSet(bitmap).is_finite());
    hwloc_bitmap_only(bitmap, 70000);
    CHECK_FALSE(CpuSet(bitmap).is_finite());
    hwloc_bitmap_free(bitmap);
}
