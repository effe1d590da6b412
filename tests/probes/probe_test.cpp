// SPDX-License-Identifier: Apache-2.0
// Probes without children: the table, who runs with whom, and what reports mean.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/probes/child.hpp"
#include "runtime/probes/read_report.hpp"
#include "runtime/probes/rounds.hpp"
#include "runtime/workload/load.hpp"

using namespace warpstep;
using namespace warpstep::check;
using namespace warpstep::check::probes;

namespace {

const Probe& probe(const std::string& name) {
    for (const Probe& one : check::probes::probes())
        if (name == one.name) return one;
    throw std::out_of_range(name);
}

/// Two nodes of this many seats.
std::vector<Seat> seats(int per_node) {
    std::vector<Seat> all;
    for (int i = 0; i < 2 * per_node; ++i) {
        Seat seat;
        seat.node = i / per_node;
        seat.place.node = i < per_node ? "n1" : "n2";
        seat.rank = seat.place.rank = i;
        seat.place.gpu_uuid = "GPU-" + std::to_string(i);
        seat.gpu = true;
        all.push_back(seat);
    }
    return all;
}

std::string report(const std::string& steps, const std::string& more = "") {
    const std::string gpu = R"("device": "H", "gpu": {"uuid": "GPU-real", "pci": "0000:1b:00.0"})";
    return R"({"failure": null, "device": "cuda", "values": {)" + more + R"(}, "ranks": [{)" + gpu +
           "}, {" + gpu + R"(}], "steps": [)" + steps + "]}";
}

std::string triad(int window, double rate, const std::string& verdict) {
    return R"({"name": "triad-)" + std::to_string(window) + R"(", "run": "stream.triad", "ranks": 1,
        "numbers": {}, "verify": [{"verdict": ")" +
           verdict + R"("}],
        "conditions": [{"rank": 0, "sm_mhz": )" +
           std::to_string(1700 + window) + R"(, "temperature_c": )" + std::to_string(50 + window) +
           R"(, "readings": 2}],
        "metrics": {"bandwidth": {"median": )" +
           std::to_string(rate) + R"(, "p99": 9},
                    "time": {"median": 0.5, "p99": 0.75}}})";
}

std::string by_rank(const std::string& name, const std::string& metric,
                    const std::string& medians) {
    return R"({"name": ")" + name + R"(", "run": "x", "ranks": 2, "numbers": {}, "verify": [],
        "metrics": {")" +
           metric + R"(": {"median": 1, "p99": 1,
            "by_rank": {"rank": [0, 1], "median": )" +
           medians + R"(, "p99": [7, 8]}}}})";
}

Answer told(int seat, const std::string& report) {
    Answer answer;
    answer.seat = seat;
    answer.report = report;
    return answer;
}

process::ChildEnd ended(process::ChildEnd::How how, int code, const std::string& errors = "") {
    process::ChildEnd end;
    end.how = how;
    end.code = code;
    end.errors = errors;
    return end;
}

ChildPlan child_plan(const Probe& of, int rank = 0) {
    ChildPlan plan;
    plan.probe = &of;
    plan.seat = 3;
    plan.limit = std::chrono::seconds(20);
    plan.peers.step.rank = rank;
    return plan;
}

}  // namespace

TEST_CASE("check: every probe is a workload whose steps it knows how to read") {
    for (const Probe& one : check::probes::probes()) {
        CAPTURE(one.name);
        for (const std::string_view text : {one.text, one.host_text}) {
            const auto workload =
                workload::parse_workload(std::string(text), "probe", plan::operations(), {});
            bool verifies = false;
            for (const Reading& reading : one.readings) {
                int windows = 0;
                for (const auto& step : workload.steps) {
                    verifies = verifies || !step.verify.empty() || step.run == "burn" ||
                               step.run.starts_with("memtest.");
                    windows += step.name.starts_with(std::string(reading.stem) + "-") ? 1 : 0;
                }
                CAPTURE(reading.stem);
                CHECK(windows >= (reading.form == Form::errors ? 1 : 3));
            }
            CHECK(verifies);
        }
    }
}

TEST_CASE("check: pairings bring everybody together once") {
    for (const int count : {0, 1, 2, 3, 4, 5, 8, 9}) {
        CAPTURE(count);
        std::set<std::pair<int, int>> met;
        for (const auto& round : pairings(count)) {
            std::set<int> busy;
            for (const auto& [a, b] : round) {
                CHECK(a != b);
                CHECK(busy.insert(a).second);
                CHECK(busy.insert(b).second);
                CHECK(met.emplace(std::min(a, b), std::max(a, b)).second);
            }
        }
        CHECK(met.size() == static_cast<std::size_t>(count * std::max(0, count - 1) / 2));
    }
}

TEST_CASE("check: seats run alone, in turns, by node and all together") {
    const auto all = seats(4);
    CHECK(rounds_of(probe("triad"), all).size() == 1);
    CHECK(rounds_of(probe("triad"), all)[0].size() == 8);
    const auto turns = rounds_of(probe("transfers"), all);
    REQUIRE(turns.size() == 2);
    CHECK(turns[0] == Round{{0}, {2}, {4}, {6}});
    CHECK(turns[1] == Round{{1}, {3}, {5}, {7}});
    CHECK(rounds_of(probe("p2p"), all) == std::vector<Round>{{{0, 1, 2, 3}, {4, 5, 6, 7}}});
    CHECK(rounds_of(probe("all_reduce"), all)[0][0].size() == 8);
    CHECK(rounds_of(probe("net_pair"), all) == std::vector<Round>{{{0, 4}}});
}

TEST_CASE("check: lost seats take part in nothing, and nobody meets alone") {
    const auto all = seats(2);
    CHECK(rounds_of(probe("triad"), all, {1}) == std::vector<Round>{{{0}, {2}, {3}}});
    CHECK(rounds_of(probe("p2p"), all, {1}) == std::vector<Round>{{{2, 3}}});
    CHECK(rounds_of(probe("p2p"), seats(1)).empty());
    CHECK(rounds_of(probe("all_reduce"), seats(1), {0}).empty());
    CHECK(rounds_of(probe("compute"), seats(1), {0}) == std::vector<Round>{{{1}}});
    CHECK(rounds_of(probe("net_pair"), all, {0, 1}).empty());
}

TEST_CASE("check: the children of a group form a step of their own") {
    step::Step parent;
    parent.job_id = "7";
    auto group = seats(2);
    group.erase(group.begin());
    const auto step = step_of(parent, group, 2);
    CHECK(step.rank == 2);
    CHECK(step.size == 3);
    CHECK(step.node == 1);
    CHECK(step.local_rank == 1);
    CHECK(step.local_size == 2);
    CHECK(step.node_names == std::vector<std::string>{"n1", "n2"});
    CHECK(step.node_ranks == std::vector<std::vector<int>>{{0}, {1, 2}});
    CHECK(step.job_id == "7");
}

TEST_CASE("check: the windows of a report are the repeats of a sample") {
    const auto samples =
        read_report(probe("triad"), {seats(1)[0]},
                    {told(0, report(triad(1, 5, "passed") + "," + triad(2, 7, "passed") + "," +
                                        triad(3, 6, "passed"),
                                    R"("found": [12])"))});
    REQUIRE(samples.size() == 1);
    const Sample& sample = samples[0];
    CHECK(sample.probe == "triad");
    CHECK(sample.unit == "B/s");
    CHECK(sample.repeats == std::vector<double>{5, 7, 6});
    CHECK(sample.value == 6);
    CHECK(sample.p99 == 0.75);
    CHECK(sample.verified);
    CHECK(sample.problem.empty());
    CHECK(sample.model == "H");
    CHECK(sample.checksum == "12");
    CHECK(sample.places[0].node == "n1");
    CHECK(sample.places[0].gpu_uuid == "GPU-real");
    CHECK(sample.state.at("sm_mhz") == 1701);
    CHECK(sample.state.at("temperature_c") == 53);
    CHECK(sample.state.at("readings") == 6);
}

TEST_CASE("check: what held a GPU down is told by its bits, and for how long where that is known") {
    const auto state = [](double readings, const std::string& throttled) {
        const std::string step = R"({"name": "triad-1", "run": "stream.triad", "ranks": 1,
            "launches": 10, "numbers": {}, "verify": [{"verdict": "passed"}],
            "conditions": [{"rank": 0, "sm_mhz": 1500, "readings": )" +
                                 std::to_string(readings) + throttled + R"(}],
            "metrics": {"bandwidth": {"median": 1, "p99": 1},
                        "time": {"median": 0.5, "p99": 0.5}}})";
        return read_report(probe("triad"), {seats(1)[0]}, {told(0, report(step))}).at(0).state;
    };
    const std::string hot =
        R"(, "throttled.power_cap": 1, "throttled.hardware_thermal": 0.1, "pcie_width": 16)";
    const auto many = state(200, hot);
    CHECK(many.at("seconds") == 5);
    CHECK(many.at("throttle_reasons") == 0x44);
    CHECK(many.at("throttled.hardware_thermal") == doctest::Approx(0.1));
    CHECK(many.at("violation_thermal_ns") == doctest::Approx(0.5e9));
    CHECK(many.at("violation_sw_thermal_ns") == 0);
    CHECK(many.at("pcie_width") == 16);
    CHECK(state(99, hot).count("violation_thermal_ns") == 0);
    CHECK(state(99, "").at("throttle_reasons") == 0);
    CHECK(state(0, "").count("throttle_reasons") == 0);
}

TEST_CASE("check: a probe with a wrong result has a value and is not verified") {
    const auto samples =
        read_report(probe("triad"), {seats(1)[0]},
                    {told(0, report(triad(1, 5, "passed") + "," + triad(2, 5, "failed")))});
    REQUIRE(samples.size() == 1);
    CHECK(samples[0].value == 5);
    CHECK_FALSE(samples[0].verified);
}

TEST_CASE("check: of several ranks each has its own sample, a group that of its slowest") {
    const std::vector<Seat> pair{seats(1)[0], seats(1)[1]};
    const auto compute = read_report(probe("compute"), pair,
                                     {told(0, report(by_rank("compute-1", "time", "[1, 2]") + "," +
                                                     by_rank("compute-2", "time", "[3, 4]") + "," +
                                                     by_rank("arrival-1", "time", "[5, 6]"))),
                                      told(1, "")});
    REQUIRE(compute.size() == 4);
    CHECK(compute[0].repeats == std::vector<double>{1, 3});
    CHECK(compute[1].repeats == std::vector<double>{2, 4});
    CHECK(compute[1].p99 == 8);
    CHECK(compute[1].places[0].rank == 1);
    CHECK(compute[3].probe == "arrival");
    CHECK(compute[3].value == 6);
    const auto pairs = read_report(
        probe("p2p"), pair,
        {told(0, report(by_rank("p2p-1 [shift=1]", "bandwidth", "[10, 20]"))), told(1, "")});
    REQUIRE(pairs.size() == 2);
    CHECK(pairs[1].value == 20);
    CHECK(pairs[1].places[0].rank == 1);
    CHECK(pairs[1].places[1].rank == 0);
    const auto group =
        read_report(probe("all_reduce"), pair,
                    {told(0, report(by_rank("all_reduce-1", "busbw", "[10, 9]"))), told(1, "")});
    REQUIRE(group.size() == 1);
    CHECK(group[0].value == 9);
    CHECK(group[0].places.size() == 2);
}

TEST_CASE("check: a number that was not measured is no value") {
    const std::vector<Seat> pair{seats(1)[0], seats(1)[1]};
    const auto group =
        read_report(probe("all_reduce"), pair,
                    {told(0, report(by_rank("all_reduce-1", "busbw", "[null, 9]"))), told(1, "")});
    REQUIRE(group.size() == 1);
    CHECK(group[0].repeats.empty());
    CHECK_FALSE(group[0].problem.empty());
}

TEST_CASE("check: a burn is verified by its own count of wrong elements") {
    const auto burn = [&](double errors) {
        const std::string step = R"({"name": "burn-1", "run": "burn", "ranks": 1, "verify": [],
            "numbers": {"errors": )" +
                                 std::to_string(errors) +
                                 R"(, "checksum": 255, "first_wrong": 7},
            "metrics": {"flops": {"median": 3, "p99": 3}}})";
        return read_report(probe("burn"), {seats(1)[0]}, {told(0, report(step))}).at(0);
    };
    CHECK(burn(0).verified);
    CHECK(burn(0).checksum == "00000000000ff");
    CHECK_FALSE(burn(2).verified);
    CHECK(burn(2).state.at("errors") == 2);
    CHECK(burn(2).state.at("first_wrong") == 7);
}

TEST_CASE("check: what a memory test counts is its value") {
    const std::string step = R"({"name": "random-1", "run": "memtest.random", "ranks": 1,
        "verify": [], "numbers": {"errors": 3}, "metrics": {}})";
    const auto samples = read_report(probe("memtest"), {seats(1)[0]}, {told(0, report(step))});
    REQUIRE(samples.size() == 1);
    CHECK(samples[0].qualifier == "random");
    CHECK(samples[0].value == 3);
    CHECK_FALSE(samples[0].verified);
}

TEST_CASE("check: the end of a child that hung, died or refused is a problem") {
    using How = process::ChildEnd::How;
    const Probe& triad = probe("triad");
    const Answer hung = answer_from(child_plan(triad), ended(How::overdue, 0));
    CHECK(hung.problem == "did not end within 20 s");
    CHECK(hung.lost);
    const Answer killed = answer_from(child_plan(triad), ended(How::killed, 9));
    CHECK(killed.problem == "was killed by signal 9");
    CHECK_FALSE(killed.lost);
    const Answer refused = answer_from(child_plan(triad), ended(How::exited, 2, "a\nno GPU\n"));
    CHECK(refused.problem == "ended with code 2: no GPU");
    CHECK(answer_from(child_plan(triad), ended(How::exited, 1)).problem.empty());
    const auto samples = read_report(triad, {seats(1)[0]}, {hung});
    REQUIRE(samples.size() == 1);
    CHECK(samples[0].problem == "did not end within 20 s");
    CHECK(samples[0].places[0].gpu_uuid == "GPU-0");
    CHECK_FALSE(samples[0].verified);
}

TEST_CASE("check: a group's problem is that of the child to blame") {
    Answer waited, killed, hung;
    waited.problem = "ended with code 3: rank 1 on n2 is gone";
    killed.problem = "was killed by signal 9";
    hung.problem = "did not end within 20 s";
    hung.lost = true;
    const std::vector<Seat> pair{seats(1)[0], seats(1)[1]};
    const auto of = [&](const std::vector<Answer>& answers) {
        return read_report(probe("all_reduce"), pair, answers).at(0).problem;
    };
    CHECK(of({waited, killed}) == "rank 1 on n2 (GPU-1) was killed by signal 9");
    CHECK(of({waited, hung}) == "rank 1 on n2 (GPU-1) did not end within 20 s");
}

TEST_CASE("check: a report that is none is a problem, not an exception") {
    for (const std::string text : {"", "{", "{}", "[]", "{\"failure\": null}"}) {
        const auto samples = read_report(probe("triad"), {seats(1)[0]}, {told(0, text)});
        REQUIRE(samples.size() == 1);
        CHECK(samples[0].problem.starts_with("its report cannot be read"));
    }
}

TEST_CASE("check: NCCL's own words name the algorithm of the largest all_reduce") {
    CHECK(algorithm_in(
              "n1:1:1 [0] NCCL INFO AllReduce: 4096 Bytes -> Algo TREE proto LL x\n"
              "n1:1:1 [0] NCCL INFO AllReduce: 1073741824 Bytes -> Algo NVLS proto SIMPLE "
              "channel{Lo..Hi}={0..15}\n"
              "n1:1:1 [0] NCCL INFO AllGather: 2073741824 Bytes -> Algo RING proto SIMPLE") ==
          "NVLS");
    CHECK(
        algorithm_in(
            "NCCL INFO AllReduce [Symmetric]: 64 Bytes -> Kernel AllReduce_AGxLL_R nchannels 4") ==
        "AllReduce_AGxLL_R");
    CHECK(algorithm_in("nothing").empty());
}

TEST_CASE("check: answers and seats survive their way to rank 0") {
    Answer answer;
    answer.seat = 3;
    answer.problem = "broke";
    answer.lost = true;
    const auto back = decode_answers(encode(std::vector<Answer>{answer}));
    REQUIRE(back.size() == 1);
    CHECK(back[0].seat == 3);
    CHECK(back[0].problem == "broke");
    CHECK(back[0].lost);
    const auto sat = decode_seats(encode(seats(1)));
    REQUIRE(sat.size() == 2);
    CHECK(sat[1].place.gpu_uuid == "GPU-1");
    CHECK(sat[1].node == 1);
    CHECK(sat[1].gpu);
    CHECK_THROWS_AS(decode_answers("x"), CommError);
    CHECK_THROWS_AS(decode_seats("[[1]]"), CommError);
}
