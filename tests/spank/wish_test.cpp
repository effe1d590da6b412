// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/wish.hpp"

#include <doctest/doctest.h>

#include "runtime/process/failure.hpp"

using warpstep::process::Failure;
using warpstep::spank::parse_wish;
using Words = std::vector<std::string>;

namespace {

std::string refusal(const char* text) {
    try {
        parse_wish(text);
    } catch (const Failure& failure) {
        return failure.what();
    }
    return "";
}

}  // namespace

TEST_CASE("spank: no word, on and off") {
    for (const char* text : {"", "on"}) {
        CHECK(parse_wish(text).on);
        CHECK(parse_wish(text).options.empty());
    }
    CHECK_FALSE(parse_wish("off").on);
}

TEST_CASE("spank: words become options of exec, in order") {
    CHECK(parse_wish("visible=one,omp=1,interleave").options ==
          Words{"--visible", "one", "--omp", "1", "--interleave"});
    CHECK(parse_wish("cpus-per-task=4,gpus-per-task=1,smt=2,share=3").options ==
          Words{"--cpus-per-task", "4", "--gpus-per-task", "1", "--smt", "2", "--share", "3"});
    CHECK(parse_wish("explain,no-bind,lightning=elastic").options ==
          Words{"--explain", "--no-bind", "--lightning", "elastic"});
}

TEST_CASE("spank: a malformed wish is refused with the word that is wrong") {
    CHECK(refusal("gpus=1").find("unknown word 'gpus'") == 0);
    CHECK(refusal("omp=2") == "bad value '2' of 'omp'; type one of cores, 1, keep");
    CHECK(refusal("visible") == "bad value '' of 'visible'; type one of all, one, virtual, rotate");
    CHECK(refusal("explain=yes") == "'explain' takes no value; leave out '=yes'");
    CHECK(refusal("omp=1,omp=1") == "'omp' is said twice; say it once");
    CHECK(refusal("omp=1,").find("unknown word ''") == 0);
    CHECK(refusal("omp=1,off").find("unknown word 'off'") == 0);
    CHECK(refusal("--print").find("unknown word '--print'") == 0);
    for (const char* value : {"0", "-1", "+1", "1x", "", "65537", "99999999999"})
        CHECK(refusal((std::string("smt=") + value).c_str()).find("a number from 1 to 65536") !=
              std::string::npos);
}
