// SPDX-License-Identifier: Apache-2.0
// What needs no server; the session itself is tried under mpirun (mpirun_test.sh) and srun
// (tests/cluster).
#include "runtime/step/pmix_session.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "runtime/base/error.hpp"

using namespace warpstep;
using namespace warpstep::step;

TEST_CASE("step: without a launcher there is no PMIx session") {
    ::unsetenv("PMIX_NAMESPACE");
    CHECK_FALSE(PmixSession::open().has_value());
}

TEST_CASE("step: an abort never reads as a success") {
    CHECK(abort_code(0) == 1);
    CHECK(abort_code(256) == 1);
    CHECK(abort_code(42) == 42);
    CHECK(abort_code(255) == 255);
    CHECK(abort_code(259) == 3);
    CHECK(abort_code(-1) == 255);
}

TEST_CASE("step: lists of ranks are read with and without ranges") {
    CHECK(parse_ranks("").empty());
    CHECK(parse_ranks("0") == std::vector<int>{0});
    CHECK(parse_ranks("0,2,3,4") == std::vector<int>{0, 2, 3, 4});
    CHECK(parse_ranks("7, 0-3") == std::vector<int>{0, 1, 2, 3, 7});
    for (const char* bad : {"x", "1,,2", "1-", "-1", "0-x", "1;2"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parse_ranks(bad), EnvironmentError);
    }
}
