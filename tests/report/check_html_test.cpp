// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/report/sample_check.hpp"

using namespace warpstep;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("report: the page of a check leads with the verdict and the answer") {
    const std::string page = report::show(test::small_check(), "html");
    CHECK(count(page,
                "<header>\n<span class=\"badge fail\"><i>✕</i>FAIL</span>\n"
                "<h1>2 GPUs must be replaced.</h1>") == 1);
    CHECK(count(page, "<article class=\"finding ") == 4);  // the two GPUs are one
    CHECK(count(page, "data-verdict=\"INFO\"") == 1);
    CHECK(count(page, "<code>srun -c 28 --mpi=pmix train</code>") == 1);
    CHECK(count(page, "1 rules passed, 1 do not apply") == 1);
}

TEST_CASE("report: the page of a check asks nothing of a network") {
    const auto facts = test::broken_check_facts();
    const std::string page = report::show(test::broken_check(facts), "html");
    for (const char* part : {"http:", "https:", "src=", "@import", "url("})
        CHECK(count(page, part) == 0);
}

TEST_CASE("report: the page of a check draws each GPU and a dot for each measurement") {
    const auto facts = test::broken_check_facts();
    const std::string page = report::show(test::broken_check(facts), "html");
    CHECK(count(page, "<div class=\"gpu ") == 16);
    CHECK(count(page, "<div class=\"gpu fail") >= 2);
    CHECK(count(page, " ungranted\"") == 1);
    CHECK(count(page, "class=\"nic down\"") == 2);               // and its legend
    CHECK(count(page, "<circle ") == facts.samples.size() - 1);  // one did not end
    CHECK(count(page, "<circle class=\"dot marked\"") == 3);
    CHECK(count(page, "rank 15 did not answer: on n2, waited 60 s") == 1);
}

TEST_CASE("report: no text of a check becomes markup of its page") {
    const auto facts = test::awkward_check_facts();
    const std::string page = report::show(test::awkward_check(facts), "html");
    CHECK(count(page, "<script>") == 1);
    CHECK(count(page, "</script>") == 1);
    CHECK(count(page, "<marked>") == 0);
    CHECK(count(page, "</title><b>") == 0);
}

TEST_CASE("report: the page of a healthy check marks nothing") {
    const auto facts = test::healthy_check_facts();
    const auto report = test::healthy_check(facts);
    CHECK(report.exit_code == 0);
    const std::string page = report::show(report, "html");
    CHECK(count(page, "<div class=\"gpu pass\"") == 16);
    CHECK(count(page, "marked\" cx") == 0);
    CHECK(count(page, "Nothing fires and nothing is unknown.") == 1);
}

TEST_CASE("report: the page of a check copies commands, not sentences") {
    auto report = test::small_check();
    report.findings[0].fix =
        "scontrol update nodename=n1 state=drain reason=\"it is broken\"; when it is idle: "
        "nvidia-smi --gpu-reset -i GPU-b; nvidia-smi -q is the evidence; srun -c 4 …";
    report.findings[1].fix = "Submit with a longer --time, or take a smaller --level.";
    const std::string page = report::show(report, "html");
    const auto copied = [&](const std::string& command) {
        return count(page, "<code>" + command + "</code><button type=\"button\">Copy") == 1;
    };
    CHECK(copied("scontrol update nodename=n1 state=drain reason=&quot;it is broken&quot;"));
    CHECK(copied("nvidia-smi --gpu-reset -i GPU-b"));
    CHECK(count(page, "<p class=\"advice\">nvidia-smi -q is the evidence</p>") == 1);
    CHECK(count(page, "<p class=\"advice\">Submit with a longer") == 1);
    CHECK(count(page, "<code>srun -c 4 …</code></div>") == 1);
}
