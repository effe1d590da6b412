// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/text_table.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"

using warpstep::report::TextTable;
using Align = TextTable::Align;

TEST_CASE("report: columns are aligned and lines have no trailing spaces") {
    TextTable table({{"name"}, {"n", Align::right}, {"note"}});
    table.add({"a", "1", "x"});
    table.add({"long name", "1000", ""});
    CHECK(table.text(false) ==
          "name          n  note\n"
          "a             1  x\n"
          "long name  1000\n");
}

TEST_CASE("report: letters of several bytes take one column") {
    TextTable table({{"größe"}, {"b"}});
    table.add({"a·b…", "1"});
    table.add({"abcdefg", "2"});
    CHECK(table.text(false) ==
          "größe    b\n"
          "a·b…     1\n"
          "abcdefg  2\n");
}

TEST_CASE("report: colours take no column") {
    TextTable table({{"verdict", Align::right}, {"m"}});
    table.add({"\x1b[32mpassed\x1b[0m", "mmm"});
    table.add({"unknown", "m"});
    CHECK(table.text(false) ==
          "verdict  m\n"
          " \x1b[32mpassed\x1b[0m  mmm\n"
          "unknown  m\n");
}

TEST_CASE("report: with colours the header is dimmed") {
    TextTable table({{"a"}});
    table.add({"1"});
    CHECK(table.text(true) == "\x1b[2ma\x1b[0m\n1\n");
}

TEST_CASE("report: columns that are empty in every row are left out") {
    TextTable table({{"a"}, {"empty"}, {"b"}});
    table.add({"1", "", "2"});
    CHECK(table.text(false) == "a  b\n1  2\n");
    table.add({"1", "x", "2"});
    CHECK(table.text(false) == "a  empty  b\n1         2\n1  x      2\n");
}

TEST_CASE("report: a row of another width breaks our own contract") {
    TextTable table({{"a"}, {"b"}});
    CHECK(table.empty());
    CHECK_THROWS_AS(table.add({"1"}), warpstep::LogicError);
    CHECK(table.empty());
    table.add({"1", "2"});
    CHECK_FALSE(table.empty());
}
