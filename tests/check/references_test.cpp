// SPDX-License-Identifier: Apache-2.0
// Floors and baselines: what measurements are compared with.
#include <doctest/doctest.h>

#include <string>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/check/baseline.hpp"
#include "runtime/check/bisect.hpp"
#include "runtime/check/floors.hpp"
#include "tests/check/healthy_step.hpp"
#include "tests/support/source_dir.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

namespace {

std::string error_of(const std::string& file, const std::string& text) {
    write_file_atomically(file, text);
    try {
        check::load_floors(file);
    } catch (const ConfigError& error) {
        const std::string message = error.what();
        return message.substr(message.find(':', file.size()) + 1);
    }
    return "";
}

}  // namespace

TEST_CASE("check: the floors that are built in are those of configs") {
    const auto built_in = check::load_floors("");
    const auto shipped = check::load_floors(test::source_dir() + "/configs/check-floors.yaml");
    REQUIRE(built_in.size() == shipped.size());
    REQUIRE(built_in.size() > 10);
    for (const check::Floor& floor : built_in) {
        CHECK(floor.value > 0);
        CHECK_FALSE(floor.source.empty());
    }
    check::Sample sample;
    sample.model = "NVIDIA H100 80GB HBM3";
    sample.probe = "gemm";
    const check::Floor* floor = check::floor_for(built_in, sample, "bf16");
    REQUIRE(floor != nullptr);
    CHECK(floor->value == doctest::Approx(0.65 * 989e12));
    CHECK(floor->source == "65 % of 989 TFLOP/s, H100 SXM data sheet; sustained 730");
    CHECK(check::floor_for(built_in, sample, "f64") == nullptr);
    sample.probe = "p2p";
    floor = check::floor_for(built_in, sample, "");
    REQUIRE(floor != nullptr);
    CHECK(floor->value == doctest::Approx(0.78 * 450e9));
    CHECK(floor->source.starts_with("78 % of 450 GB/s, "));
    CHECK(floor->unit == "B/s");
}

TEST_CASE("check: a file of floors that is none is refused with its place") {
    const test::TemporaryFolder folder;
    const std::string file = folder.path() + "/floors.yaml";
    CHECK(error_of(file, "version: 2\n").find("not version 1") != std::string::npos);
    CHECK(error_of(file, "version: 1\nmodel: {}\n")
              .find("2:1: no key 'model'; did you mean "
                    "'models'?") != std::string::npos);
    const std::string head = "version: 1\nmodels:\n  X:\n    - ";
    CHECK(error_of(file, head + "{ probe: triad, least: 3, source: s }\n").find("'3' is no rate") !=
          std::string::npos);
    CHECK(error_of(file, head + "{ probe: triad, least: 80 %, source: s }\n")
              .find("'80 %' of what (nobody here knows the peak of triad on X); write a rate") !=
          std::string::npos);
    CHECK(error_of(file, head + "{ probe: triad, least: 3 TB/s }\n")
              .find("needs probe, least and source") != std::string::npos);
    CHECK(error_of(file, head + "{ probe: triad, last: 3 TB/s, source: s }\n")
              .find("did you mean 'least'?") != std::string::npos);
    CHECK(error_of(file, "models: [").find("floors.yaml") == std::string::npos);
    CHECK_FALSE(error_of(file, "models: [").empty());
}

TEST_CASE("check: a baseline keeps what was learnt of other GPUs, and replaces its own") {
    const test::TemporaryFolder folder;
    const std::string file = folder.path() + "/baseline.json";
    check::Facts facts = test::healthy_node(8);
    check::learn(file, facts);
    const auto first = check::load_baseline(file);
    REQUIRE_FALSE(first.empty());
    check::Facts other = facts;
    other.samples.resize(1);
    other.samples[0].value = 1;
    check::learn(file, other);
    const auto second = check::load_baseline(file);
    CHECK(second.size() == first.size());
    int replaced = 0;
    for (const auto& entry : second) replaced += entry.value == 1 ? 1 : 0;
    CHECK(replaced == 1);
}

TEST_CASE("check: what is no baseline is refused and left as it is") {
    const test::TemporaryFolder folder;
    const std::string file = folder.path() + "/report.json";
    write_file_atomically(file, "{\"schema\": \"warpstep.check/1\"}");
    CHECK_THROWS_AS(check::load_baseline(file), ConfigError);
    CHECK_THROWS_AS(check::learn(file, test::healthy_node(8)), ConfigError);
    CHECK(read_file(file) == "{\"schema\": \"warpstep.check/1\"}");
}

TEST_CASE("check: the member that all bad pairs have in common is blamed") {
    const check::Blame blame = check::blame_for({{"a", "b", true},
                                                 {"a", "c", true},
                                                 {"a", "d", true},
                                                 {"b", "c", false},
                                                 {"b", "d", false},
                                                 {"c", "d", true}});
    CHECK(blame.members == std::vector<std::string>{"a"});
    REQUIRE(blame.lone.size() == 1);
    CHECK(blame.lone[0].a == "c");
    CHECK(check::blame_for({{"a", "b", true}, {"c", "d", false}}).members.empty());
}
