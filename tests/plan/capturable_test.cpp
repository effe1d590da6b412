// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/capturable.hpp"

#include <doctest/doctest.h>

#include "tests/plan/by_hand.hpp"

using namespace warpstep;
using test::a_step;
using test::expression;

namespace {

workload::Step graph(std::vector<workload::Step> steps) {
    auto graph = test::container("pipeline", std::move(steps), 4);
    graph.graph = workload::GraphRequest{};
    return graph;
}

std::string refusal(std::vector<workload::Step> steps) {
    auto workload = test::with_buffers({"h", "p", "x"}, std::move(steps));
    workload.buffers[0].memory = workload::MemoryKind::host;
    workload.buffers[1].memory = workload::MemoryKind::host_pinned;
    return test::message_of([&] { plan::check_graphs(workload); });
}

workload::Step inner(const std::string& run = "barrier",
                     const std::map<std::string, std::string>& with = {}) {
    return a_step("s", run, 7, with);
}

constexpr const char* head =
    "f.yaml:7:5: step 's' cannot stand in the graph 'pipeline' at "
    "f.yaml:4:5 (";

}  // namespace

TEST_CASE("plan: kernels, copies of pinned memory and collectives can stand in a graph") {
    CHECK(refusal({graph({inner("copy", {{"from", "p"}, {"to", "x"}}),
                          a_step("k", "fill", 8, {{"buffer", "x"}, {"value", "2 * n"}}),
                          a_step("r", "all_reduce", 9, {{"buffer", "x"}}),
                          test::container("more", {a_step("q", "barrier", 11)}, 10)})}) ==
          "no error");
}

TEST_CASE("plan: what needs the host is refused with both places") {
    CHECK(refusal({graph({inner("copy", {{"from", "h"}, {"to", "x"}})})}) ==
          std::string(head) +
              "'h' lies in ordinary host memory); declare it with memory: "
              "host_pinned");
    CHECK(refusal({graph({inner("store", {{"buffer", "x"}})})}) ==
          std::string(head) + "store needs the host); move it out of the graph");
    CHECK(refusal({graph({inner("linear.evaluate")})}).starts_with(head));
    CHECK(refusal({graph({inner("memtest.write", {{"report", "x"}})})}).starts_with(head));
    CHECK(refusal({graph({test::container("more", {inner("store")}, 6)})}).starts_with(head));
    CHECK(refusal({inner("store"), inner("copy", {{"from", "h"}, {"to", "x"}})}) == "no error");
}

TEST_CASE("plan: single steps of a graph are neither repeated nor judged") {
    auto repeated = inner();
    repeated.times = expression("3");
    CHECK(refusal({graph({repeated})}) ==
          std::string(head) +
              "its steps run once per launch, without 'repeat'); use graph: { "
              "launches: N, warmup: M }");
    auto watched = inner();
    watched.timeout = expression("3s");
    CHECK(refusal({graph({watched})}).find("move 'timeout' to the graph") != std::string::npos);
    auto expected = inner();
    expected.expect.push_back({expression("time.median < 1s"), std::nullopt});
    CHECK(refusal({graph({expected})}).find("move 'expect' to the graph") != std::string::npos);
    auto verified = inner();
    verified.verify.emplace_back();
    CHECK(refusal({graph({verified})}).find("move 'verify' to the graph") != std::string::npos);
}

TEST_CASE("plan: what changes from launch to launch is refused") {
    CHECK(refusal({graph({graph({inner()})})}).find("a graph holds no other graph") !=
          std::string::npos);
    auto loop = inner("");
    loop.for_each.push_back({"i", workload::Loop::Kind::range, expression("3"), ""});
    CHECK(refusal({graph({loop})}).starts_with(head));
    CHECK(refusal({graph({inner("linear.gradient", {{"data", "batch"}})})}).starts_with(head));

    auto own = graph({inner()});
    own.for_each = loop.for_each;
    CHECK(refusal({own}).starts_with("f.yaml:4:5: step 'pipeline'"));

    auto outer =
        test::container("outer", {graph({inner("fill", {{"buffer", "x"}, {"value", "i"}})})});
    CHECK(refusal({outer}) == "no error");
    outer.for_each = loop.for_each;
    CHECK(refusal({outer}).find("its 'value' reads 'i', which changes from turn to turn") !=
          std::string::npos);
}
