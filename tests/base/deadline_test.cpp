// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/deadline.hpp"

#include <doctest/doctest.h>

using warpstep::Deadline;
using namespace std::chrono_literals;

TEST_CASE("base: a deadline in the future has time left") {
    const Deadline deadline = Deadline::in(1h);
    CHECK_FALSE(deadline.passed());
    CHECK(deadline.left() > 59min);
    CHECK(deadline.left() <= 1h);
    CHECK(deadline.at() > Deadline::Clock::now());
}

TEST_CASE("base: a deadline that has passed has no time left, never a negative one") {
    const Deadline deadline = Deadline::in(-1h);
    CHECK(deadline.passed());
    CHECK(deadline.left() == 0ms);
    CHECK(Deadline::in(0ms).passed());
}
