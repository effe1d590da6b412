// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/text.hpp"

#include <doctest/doctest.h>

using namespace warpstep;
using Words = std::vector<std::string>;

TEST_CASE("base: trim removes white space at both ends only") {
    CHECK(trim(" \t a b \r\n") == "a b");
    CHECK(trim("a") == "a");
    CHECK(trim(" \n ").empty());
    CHECK(trim("").empty());
}

TEST_CASE("base: split keeps empty pieces, but an empty text has none") {
    CHECK(split("a,b,c", ',') == Words{"a", "b", "c"});
    CHECK(split("a", ',') == Words{"a"});
    CHECK(split(",a,,b,", ',') == Words{"", "a", "", "b", ""});
    CHECK(split(",", ',') == Words{"", ""});
    CHECK(split(" a , b ", ',') == Words{" a ", " b "});
    CHECK(split("", ',').empty());
}

TEST_CASE("base: join is the opposite of split") {
    CHECK(join(split("a,,b", ','), ",") == "a,,b");
    CHECK(join({}, ", ").empty());
    CHECK(join({"a", "b"}, ", ") == "a, b");
}

TEST_CASE("base: a typing slip is found, a different word is not") {
    const Words known{"stream.triad", "stream.copy", "axpy", "n"};
    CHECK(nearest("stream.traid", known) == "stream.triad");
    CHECK(nearest("stream.cop", known) == "stream.copy");
    CHECK(nearest("apxy", {"axpy"}).empty());  // two edits in four letters
    CHECK(nearest("axpyy", known) == "axpy");
    CHECK(nearest("m", known) == "n");
    CHECK(nearest("gemm", known).empty());
    CHECK(nearest("axpy", {}).empty());
}

TEST_CASE("base: the nearer of two candidates is suggested, the first of equals") {
    CHECK(nearest("bandwith", {"bandwidths", "bandwidth"}) == "bandwidth");
    CHECK(nearest("wax", {"max", "way"}) == "max");
}

TEST_CASE("base: an unknown word is answered with a suggestion or with what is known") {
    CHECK(suggestion("tims", {"times", "warmup"}) == "; did you mean 'times'?");
    CHECK(suggestion("group", {"times", "warmup"}) == "; known: times, warmup");
    CHECK(suggestion("group", {}).empty());
}

TEST_CASE("base: hashes are FNV-1a of 64 bits") {
    CHECK(hash_hex("") == "cbf29ce484222325");
    CHECK(hash_hex("a") == "af63dc4c8601ec8c");
    CHECK(hash_hex("foobar") == "85944171f73967e8");
    CHECK(hash_hex(std::string("\0", 1)) == "af63bd4c8601b7df");
}
