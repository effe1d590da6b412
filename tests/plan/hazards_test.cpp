// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/hazards.hpp"

#include <doctest/doctest.h>

#include "tests/plan/by_hand.hpp"

using namespace warpstep;
using plan::StepFacts;
using test::a_step;
using test::message_of;
using test::on;

namespace {

workload::Step copy(const std::string& name, int line, const std::string& from,
                    const std::string& to) {
    return a_step(name, "copy", line, {{"from", from}, {"to", to}});
}

std::string refusal(std::vector<workload::Step> steps,
                    const StepFacts& facts = test::everywhere()) {
    const auto workload = test::with_buffers({"a", "b", "c", "d"}, std::move(steps));
    return message_of([&] { plan::check_hazards(workload, facts); });
}

workload::Step at_device(workload::Step step, const std::string& device) {
    step.device = test::expression(device);
    return step;
}

// Devices as they are written: constants.
StepFacts written_devices() {
    StepFacts facts = test::everywhere();
    facts.device = [](const workload::Step& step) {
        return step.device ? std::optional<int>(std::stoi(step.device->text())) : std::nullopt;
    };
    return facts;
}

}  // namespace

TEST_CASE("plan: two streams that touch one buffer without an order are refused") {
    CHECK(refusal({on(copy("up", 3, "a", "b"), "copy"), on(copy("use", 7, "b", "c"), "compute")}) ==
          "f.yaml:7:5: step 'use' may run at the same time as step 'up' at f.yaml:3:5, and both "
          "touch 'b' ('up' writes it on stream copy, 'use' reads it on stream compute, and nothing "
          "orders them); give 'use' needs: [up], or put both on one stream");
    CHECK(refusal({on(copy("up", 3, "a", "b"), "copy"),
                   on(copy("use", 7, "b", "c"), "compute", {"up"})}) == "no error");
    CHECK(refusal({on(copy("up", 3, "a", "b"), "x"), on(copy("use", 7, "b", "c"), "x")}) ==
          "no error");
}

TEST_CASE("plan: reads beside reads are no hazard, writes after reads are") {
    CHECK(refusal({on(copy("one", 3, "a", "b"), "x"), on(copy("two", 4, "a", "c"), "y")}) ==
          "no error");
    const auto message =
        refusal({on(copy("one", 3, "a", "b"), "x"), on(copy("two", 4, "c", "a"), "")});
    CHECK(message.find("'one' reads it on stream x, 'two' writes it on the default stream") !=
          std::string::npos);
}

TEST_CASE("plan: the fix keeps the needs that are there") {
    const auto message =
        refusal({on(copy("up", 3, "a", "b"), "x"), on(copy("other", 4, "c", "d"), "y"),
                 on(copy("use", 7, "b", "c"), "z", {"other"})});
    CHECK(message.find("give 'use' needs: [other, up]") != std::string::npos);
}

TEST_CASE("plan: an earlier access is found behind a later one of the same stream") {
    // 'late' comes after 'second' but not after 'third', which only reads.
    const auto message = refusal(
        {on(copy("first", 1, "b", "a"), "x"), on(copy("second", 2, "a", "c"), "x"),
         on(copy("third", 3, "a", "d"), "x"), on(copy("late", 4, "b", "a"), "y", {"second"})});
    CHECK(message.find("'late' may run at the same time as step 'third'") != std::string::npos);
}

TEST_CASE("plan: a container counts with all that it touches, and inside itself") {
    auto inner = test::container("all", {copy("inside", 5, "a", "b")}, 4);
    CHECK(refusal({inner, on(copy("use", 7, "b", "c"), "x")})
              .find("'use' may run at the same time as step 'all' at f.yaml:4:5") !=
          std::string::npos);
    CHECK(refusal({inner, on(copy("use", 7, "b", "c"), "x", {"all"})}) == "no error");
    CHECK(refusal({inner, copy("use", 7, "b", "c")}) == "no error");
    auto broken = test::container(
        "all", {on(copy("one", 5, "a", "b"), "x"), on(copy("two", 6, "b", "c"), "y")}, 4);
    CHECK(refusal({broken}).starts_with("f.yaml:6:5: step 'two'"));
}

TEST_CASE("plan: steps that do not run here are no hazard") {
    StepFacts facts = test::everywhere();
    facts.active = [](const workload::Step& step) { return step.name != "use"; };
    const std::vector<workload::Step> steps{on(copy("up", 3, "a", "b"), "x"),
                                            on(copy("use", 7, "b", "c"), "y")};
    CHECK(refusal(steps, facts) == "no error");
    CHECK(refusal({test::container("use", steps)}, facts) == "no error");
    CHECK(refusal(steps) != "no error");
}

TEST_CASE("plan: devices have their own copies of a buffer") {
    const auto up = on(copy("up", 3, "a", "b"), "x");
    const auto use = on(copy("use", 7, "b", "c"), "y");
    CHECK(refusal({at_device(up, "0"), at_device(use, "1")}, written_devices()) == "no error");
    CHECK(refusal({at_device(up, "1"), at_device(use, "1")}, written_devices()) != "no error");
    CHECK(refusal({at_device(up, "1"), use}, written_devices()) != "no error");
    CHECK(refusal({up, at_device(use, "1")}, written_devices()) != "no error");
    const auto on_first = at_device(test::container("all", {up}), "0");
    CHECK(refusal({on_first, at_device(use, "1")}, written_devices()) == "no error");
    CHECK(refusal({on_first, at_device(use, "0")}, written_devices()) != "no error");
}

TEST_CASE("plan: a device has the buffers that steps touch on it, and those none touches") {
    const auto workload =
        test::with_buffers({"a", "b", "c", "d", "idle"},
                           {at_device(copy("one", 1, "a", "b"), "0"),
                            at_device(copy("two", 2, "c", "b"), "1"), copy("both", 3, "d", "d")});
    using Names = std::set<std::string>;
    CHECK(plan::buffers_on(0, workload, written_devices()) == Names{"a", "b", "d", "idle"});
    CHECK(plan::buffers_on(1, workload, written_devices()) == Names{"b", "c", "d", "idle"});
}

TEST_CASE("plan: thousands of steps are compared without comparing all pairs") {
    // Two streams that hand a buffer to and fro, correct but for the last step.
    std::vector<workload::Step> steps;
    constexpr int count = 4000;
    for (int i = 0; i < count; ++i) {
        std::vector<std::string> needs;
        if (i > 0) needs.push_back("s" + std::to_string(i - 1));
        steps.push_back(
            on(copy("s" + std::to_string(i), i + 1, i % 2 == 0 ? "a" : "b", i % 2 == 0 ? "b" : "a"),
               i % 2 == 0 ? "x" : "y", needs));
    }
    CHECK(refusal(steps) == "no error");
    steps.back().needs.clear();
    CHECK(refusal(steps).find("'s3998'") != std::string::npos);
}
