// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/format_texts.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "runtime/report/xml_text.hpp"

using namespace warpstep;
using namespace warpstep::report;

namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("report: a step of a matrix is a name and its params") {
    const StepName name = split_step_name("gemm [n=1Ki m=2 * 3]");
    CHECK(name.base == "gemm");
    CHECK(name.params == Params{{"n", "1Ki"}, {"m", "2 * 3"}});
    for (const char* plain : {"gemm", "gemm [x]", "gemm [n=1", "a [b] c", ""}) {
        CAPTURE(plain);
        CHECK(split_step_name(plain).base == plain);
        CHECK(split_step_name(plain).params.empty());
    }
}

TEST_CASE("report: every verdict that a check can have is in the list of names") {
    using execution::Verdict;
    for (const auto verdict :
         {Verdict::passed, Verdict::failed, Verdict::unknown, Verdict::skipped}) {
        CHECK(std::find(verdict_names.begin(), verdict_names.end(), execution::name_of(verdict)) !=
              verdict_names.end());
        CHECK_FALSE(is_allowed_failure(verdict));
    }
}

TEST_CASE("report: units have the names that JSON and CSV use") {
    CHECK(unit_name(workload::unit_seconds) == "s");
    CHECK(unit_name(workload::unit_bytes) == "B");
    CHECK(unit_name(workload::unit_bytes_per_second) == "B/s");
    CHECK(unit_name(workload::unit_flops_per_second) == "FLOP/s");
    CHECK(unit_name(workload::no_unit).empty());
}

TEST_CASE("report: text becomes XML, and what XML cannot hold a replacement") {
    CHECK(xml_text("a<b & c>\"d\"\n") == "a&lt;b &amp; c&gt;&quot;d&quot;\n");
    CHECK(xml_text("\x01\x1b[2m\r") == "\xef\xbf\xbd\xef\xbf\xbd[2m&#13;");
    CHECK(xml_text("caf\xe9") == "caf\xef\xbf\xbd");
    CHECK(xml_text("\xef\xbf\xbe|\xef\xbf\xbf|\xef\xbf\xbd|\xef\xbb\xbf") ==
          "\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbb\xbf");
    CHECK(xml_attribute("a\n\tb") == "a&#10;&#9;b");
}
