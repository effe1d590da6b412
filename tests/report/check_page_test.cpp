// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/check/rules.hpp"
#include "tests/report/sample_check.hpp"

using namespace warpstep;
using check::Rule;

namespace {

const std::vector<Rule> two{{"one-gpu",
                             "GPU visibility",
                             check::Severity::error,
                             check::Privilege::user,
                             check::Level::quick,
                             "only one GPU is used",
                             "every rank opens <GPU 0>",
                             "devices of ranks",
                             "srun --gpus-per-task=1 train",
                             {}},
                            {"xid",
                             "GPU health",
                             check::Severity::warning,
                             check::Privilege::root,
                             check::Level::full,
                             "a_GPU fell off",
                             "the bus",
                             "the kernel's log",
                             "drain the node",
                             {}}};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: the page of the rules has contents and a section for each id") {
    const std::string page = report::troubleshooting_page(two);
    CHECK(holds(page, "\n**GPU visibility**\n\n- [one-gpu](#one-gpu): only one GPU is used\n"));
    CHECK(holds(page,
                "\n## GPU visibility\n\n### one-gpu\n\nonly one GPU is used\n\n"
                "*error, level quick, seen by every user*\n\n"
                "**Cause.** every rank opens &lt;GPU 0>\n"));
    CHECK(holds(page, "```sh\nsrun --gpus-per-task=1 train\n```\n"));
    CHECK(holds(page, "a\\_GPU fell off"));
    CHECK(page.ends_with("**Fix.** drain the node\n"));
}

TEST_CASE("report: rules as a list and one in full") {
    const std::string list = report::check_list(two, false);
    CHECK(holds(list, "one-gpu  GPU visibility  error"));
    CHECK(holds(list, "root"));
    CHECK(report::check_explain(two[0]) ==
          "one-gpu (error, level quick, GPU visibility, needs no root)\n"
          "  symptom   only one GPU is used\n"
          "  cause     every rank opens <GPU 0>\n"
          "  evidence  devices of ranks\n"
          "  fix       srun --gpus-per-task=1 train\n");
}

TEST_CASE("report: every rule there is has its place on the page") {
    const std::string page = report::troubleshooting_page(check::rules());
    for (const Rule& rule : check::rules()) {
        INFO(rule.id);
        CHECK(holds(page, std::string("\n### ") + rule.id + "\n"));
    }
}
