// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/accesses.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"
#include "runtime/plan/operations.hpp"
#include "tests/plan/by_hand.hpp"

using namespace warpstep;
using test::a_step;
using Names = std::set<std::string>;

namespace {

plan::Accesses touched(const workload::Step& step, workload::Workload workload = {}) {
    return plan::accesses_of(step, workload);
}

}  // namespace

TEST_CASE("plan: kernels touch their buffers by the roles of the catalog") {
    const auto triad = touched(
        a_step("s", "stream.triad", 1, {{"a", "x"}, {"b", "y"}, {"c", "z"}, {"scalar", "2"}}));
    CHECK(triad.reads == Names{"y", "z"});
    CHECK(triad.writes == Names{"x"});
    const auto axpy = touched(a_step("s", "axpy", 1, {{"alpha", "a"}, {"x", "x"}, {"y", "y"}}));
    CHECK(axpy.reads == Names{"x", "y"});
    CHECK(axpy.writes == Names{"y"});
    const auto sweep = touched(a_step("s", "jacobi2d", 1, {{"from", "f"}, {"to", "t"}}));
    CHECK(sweep.writes == Names{"t"});
    const auto with_residual =
        touched(a_step("s", "jacobi2d", 1, {{"from", "f"}, {"to", "t"}, {"residual", "r"}}));
    CHECK(with_residual.writes == Names{"r", "t"});
}

TEST_CASE("plan: a batch is data, not a buffer") {
    const auto gradient =
        touched(a_step("s", "linear.gradient", 1, {{"data", "batch"}, {"w", "w"}, {"grad", "g"}}));
    CHECK(gradient.data == Names{"batch"});
    CHECK(gradient.reads == Names{"w"});
    CHECK(gradient.writes == Names{"g"});
    const auto evaluate = touched(a_step("s", "linear.evaluate", 1, {{"data", "d"}, {"w", "w"}}));
    CHECK(evaluate.data == Names{"d"});
    CHECK(evaluate.reads == Names{"w"});
    CHECK(evaluate.writes.empty());
}

TEST_CASE("plan: collectives, copies and store touch what their arguments say") {
    const auto in_place = touched(a_step("s", "all_reduce", 1, {{"buffer", "a"}, {"op", "sum"}}));
    CHECK(in_place.reads == Names{"a"});
    CHECK(in_place.writes == Names{"a"});
    for (const char* run : {"copy", "peer_copy", "all_gather", "reduce", "send_recv"}) {
        CAPTURE(run);
        const auto moved = touched(a_step("s", run, 1, {{"from", "a"}, {"to", "b"}}));
        CHECK(moved.reads == Names{"a"});
        CHECK(moved.writes == Names{"b"});
    }
    const auto halo = touched(a_step("s", "halo_exchange", 1, {{"buffer", "g"}}));
    CHECK(halo.reads == Names{"g"});
    CHECK(halo.writes == Names{"g"});
    const auto store = touched(a_step("s", "store", 1, {{"buffer", "g"}, {"file", "out"}}));
    CHECK(store.reads == Names{"g"});
    CHECK(store.writes.empty());
    CHECK(touched(a_step("s", "barrier")) == plan::Accesses{});
}

TEST_CASE("plan: a user's kernel touches what its args say, even under a built-in name") {
    workload::KernelSpec spec;
    spec.name = "axpy";
    using Role = workload::KernelArgument::Role;
    for (const auto& [role, buffer] : std::vector<std::pair<Role, std::string>>{
             {Role::value, ""}, {Role::read, "r"}, {Role::write, "w"}, {Role::update, "u"}}) {
        workload::KernelArgument argument;
        argument.role = role;
        argument.buffer = buffer;
        spec.args.push_back(argument);
    }
    workload::Workload workload;
    workload.kernels.push_back(spec);
    const auto accesses = touched(a_step("s", "axpy"), workload);
    CHECK(accesses.reads == Names{"r", "u"});
    CHECK(accesses.writes == Names{"u", "w"});
}

TEST_CASE("plan: verification reads what it compares; a container touches what is inside") {
    auto workload = test::with_buffers({"a", "b", "c", "d"}, {});
    auto fill = a_step("s", "fill", 1, {{"buffer", "a"}, {"value", "1"}});
    workload::VerifyRule equals, same;
    equals.buffer = "a";
    equals.equals = test::expression("before(b) + index * n");
    same.buffer = "a";
    same.same_as = "c";
    fill.verify = {equals, same};
    const auto container =
        test::container("all", {fill, a_step("t", "stream.copy", 2, {{"a", "c"}, {"c", "d"}})});
    const auto accesses = touched(container, workload);
    CHECK(accesses.reads == Names{"a", "b", "c"});
    CHECK(accesses.writes == Names{"a", "d"});
    CHECK(plan::own_accesses_of(container, workload) == plan::Accesses{});
}

TEST_CASE("plan: what every operation touches is known") {
    for (const auto& operation : plan::operations()) {
        CAPTURE(operation.name);
        auto one = a_step("s", operation.name);
        for (const auto& argument : operation.required) {
            if (operation.words.count(argument) == 0) one.with[argument] = {test::expression("b")};
        }
        CHECK_NOTHROW(touched(one));
        if (operation.name != "barrier" && operation.name != "spin" &&
            !operation.required.empty()) {
            CHECK(touched(one).touches("b"));
        }
    }
    CHECK_THROWS_AS(touched(a_step("s", "no such thing")), LogicError);
}
