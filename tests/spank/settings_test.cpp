// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/settings.hpp"

#include <doctest/doctest.h>

#include "runtime/process/failure.hpp"

using namespace warpstep::spank;
using warpstep::process::Failure;

TEST_CASE("spank: the program is enough; the rest has defaults") {
    const Settings settings = parse_settings({"warpstep=/opt/warpstep"});
    CHECK(settings.program == "/opt/warpstep");
    CHECK_FALSE(settings.on_by_default);
    CHECK(settings.may_prepend);
    CHECK(settings.deadline.count() == 60);
}

TEST_CASE("spank: every word of plugstack.conf is read") {
    const Settings settings =
        parse_settings({"default=on", "warpstep=/a=b", "prepend=off", "timeout=5"});
    CHECK(settings.program == "/a=b");
    CHECK(settings.on_by_default);
    CHECK_FALSE(settings.may_prepend);
    CHECK(settings.deadline.count() == 5);
}

TEST_CASE("spank: a wrong word of plugstack.conf is refused") {
    CHECK_THROWS_WITH_AS(parse_settings({}),
                         "no program in plugstack.conf; write warpstep=/path/to/bin/warpstep",
                         Failure);
    CHECK_THROWS_WITH_AS(parse_settings({"warpstep=/w", "timeout=0"}),
                         "bad value '0' of 'timeout' in plugstack.conf; write a number from 1 to "
                         "3600",
                         Failure);
    for (const char* word : {"warpstep=bin/warpstep", "warpstep", "default=yes",
                             "prepend=", "timeout=1m", "color=on", ""})
        CHECK_THROWS_AS(parse_settings({"warpstep=/w", word}), Failure);
}
