// SPDX-License-Identifier: Apache-2.0
// Probes by children of several ranks: on the host, and over the stand-ins for CUDA where the test
// is built with them.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "runtime/check/facts_json.hpp"
#include "runtime/probes/conductor.hpp"
#include "tests/support/fork_ranks.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using namespace std::chrono_literals;
using check::Sample;
using test::expect;

namespace {

/// Runs the probes with so many ranks on each node; `judge` sees rank 0's samples.
test::Outcome run(const std::vector<int>& ranks_per_node, check::Level level,
                  const check::ProbeOptions& options,
                  const std::function<void(const std::vector<Sample>&)>& judge) {
    return test::fork_ranks(ranks_per_node, [&](test::Rank& rank) {
        const auto samples = check::run_probes(rank.channel, rank.step, level, options);
        if (rank.step.rank == 0) {
            for (const auto& sample : samples) fmt::print(stderr, "{}\n", check::encode(sample));
            judge(samples);
        } else {
            expect(samples.empty(), "samples on another rank than 0");
        }
    });
}

check::ProbeOptions small(std::vector<std::string> probes = {}) {
    check::ProbeOptions options;
    options.probes = std::move(probes);
    options.program = {WARPSTEP_PROGRAM};
    options.overrides = {"size=0.0001"};
    return options;
}

/// How many samples of each probe have a value that was verified; the others are said.
std::map<std::string, int> good(const std::vector<Sample>& samples) {
    std::map<std::string, int> count;
    for (const Sample& sample : samples) {
        expect(sample.problem.empty(), sample.probe + ": " + sample.problem);
        expect(sample.verified, sample.probe + " is not verified");
        expect(!sample.places.empty(), sample.probe + " has no place");
        if (sample.unit != "errors") expect(sample.value > 0, sample.probe + " has no value");
        ++count[sample.probe];
    }
    return count;
}

#ifdef WARPSTEP_FAKE_NVML
/// Shows the four GPUs of the stand-ins to this process and its children.
class Gpus {
  public:
    Gpus() {
        const std::string path = folder_ / "nvml";
        std::ofstream file(path);
        file << "driver 580.65.06\n";
        for (int i = 0; i < 4; ++i) {
            file << fmt::format(
                "gpu 0000:{:02x}:00.0 GPU-{:02x}111213-1415-1617-1819-1a1b1c1d1e1f 16384 S{} 1 "
                "NVIDIA Stand-in\nclocks 1755 2619\npower 512500 700000\ntemperature 61\n",
                0x10 + i, i, i);
        }
        ::setenv("FAKE_NVML", path.c_str(), 1);
        ::setenv("WARPSTEP_NVML_LIBRARY", WARPSTEP_FAKE_NVML, 1);
        ::setenv("STAND_IN_DEVICES", "4", 1);
    }

  private:
    test::TemporaryFolder folder_;
};
#endif

}  // namespace

#ifndef WARPSTEP_FAKE_NVML

TEST_CASE("check: four ranks measure everything of level standard on the host") {
    auto options = small();
    options.host = true;
    const auto outcome = run({4}, check::Level::standard, options, [](const auto& samples) {
        auto count = good(samples);
        expect(count == std::map<std::string, int>{{"triad", 4},
                                                   {"gemm", 4},
                                                   {"h2d", 4},
                                                   {"d2h", 4},
                                                   {"launch", 4},
                                                   {"compute", 4},
                                                   {"arrival", 4},
                                                   {"p2p", 12},
                                                   {"all_reduce", 1}},
               "another number of samples");
        expect(samples.back().qualifier == "4 KiB", "another size: " + samples.back().qualifier);
        for (const Sample& sample : samples)
            if (sample.probe == "compute" || sample.probe == "arrival")
                expect(sample.repeats.size() == 5, "another number of windows");
    });
    CHECK(outcome.status == std::vector<int>(4, 0));
}

TEST_CASE("check: two nodes measure what level full adds on the host") {
    ::setenv("WARPSTEP_CONTROL_ADDRESS", "127.0.0.1", 1);
    auto options = small({"all_reduce sizes", "burn", "memtest", "net_pair"});
    options.host = true;
    const auto outcome = run({1, 1, 1}, check::Level::full, options, [](const auto& samples) {
        auto count = good(samples);
        expect(count ==
                   std::map<std::string, int>{
                       {"all_reduce_size", 4}, {"burn", 3}, {"memtest", 15}, {"net_pair", 3}},
               "another number of samples");
        std::set<std::string> pairs, checksums;
        for (const Sample& sample : samples) {
            if (sample.unit == "B/s") expect(sample.qualifier == "4 KiB", sample.qualifier);
            if (sample.probe == "net_pair")
                pairs.insert(sample.places[0].node + sample.places[1].node);
            if (sample.probe == "burn") checksums.insert(sample.checksum);
        }
        expect(pairs.size() == 3, "a pair of nodes is missing");
        expect(checksums.size() == 1 && !checksums.begin()->empty(), "the checksums differ");
    });
    ::unsetenv("WARPSTEP_CONTROL_ADDRESS");
    CHECK(outcome.status == std::vector<int>(3, 0));
}

TEST_CASE("check: a rank alone measures itself") {
    auto options = small();
    options.host = true;
    const auto outcome = run({1}, check::Level::standard, options, [](const auto& samples) {
        auto count = good(samples);
        expect(count.count("p2p") == 0 && count.count("all_reduce") == 0, "a pair of one");
        expect(count["triad"] == 1 && count["compute"] == 1, "another number of samples");
    });
    CHECK(outcome.status == std::vector<int>(1, 0));
}

TEST_CASE("check: children that hang are problems, and their seats are not tried again") {
    auto options = small({"triad", "gemm"});
    options.host = true;
    options.program = {"/bin/sh", "-c", "sleep 100"};
    options.limit = 500ms;
    const auto outcome = run({2}, check::Level::standard, options, [](const auto& samples) {
        expect(samples.size() == 4, "another number of samples");
        for (const Sample& sample : samples) {
            expect(!sample.verified && sample.repeats.empty(), "a value out of nothing");
            expect(sample.places.size() == 1, "nobody knows where");
            expect(sample.problem == (sample.probe == "triad"
                                          ? "did not end within 1 s"
                                          : "not tried again: an earlier probe hung here"),
                   "problem: " + sample.problem);
        }
    });
    CHECK(outcome.status == std::vector<int>(2, 0));
}

TEST_CASE("check: a child that is killed is a problem of its place, and of its whole group") {
    auto options = small({"triad", "all_reduce"});
    options.host = true;
    // Rank 1's children kill themselves; the others run.
    options.program = {"/bin/sh", "-c",
                       "case $WARPSTEP_PEERS in *'\"rank\":1,'*) kill -9 $$;; esac; exec " +
                           std::string(WARPSTEP_PROGRAM) + " \"$@\"",
                       "sh"};
    const auto outcome = run({3}, check::Level::standard, options, [](const auto& samples) {
        expect(samples.size() == 4, "another number of samples");
        expect(samples[0].problem.empty() && samples[1].problem.empty(), "triad has a problem");
        const Sample& group = samples[3];
        expect(group.probe == "all_reduce", "the last one is " + group.probe);
        expect(group.problem.starts_with("rank 1 on ") &&
                   group.problem.ends_with("was killed by signal 9"),
               "problem: " + group.problem);
    });
    CHECK(outcome.status == std::vector<int>(3, 0));
}

TEST_CASE("check: a program that writes no report is a problem") {
    auto options = small({"triad"});
    options.host = true;
    options.program = {"/bin/echo"};
    const auto outcome = run({1}, check::Level::standard, options, [](const auto& samples) {
        expect(samples.size() == 1, "another number of samples");
        expect(samples[0].problem.starts_with("its report cannot be read"), samples[0].problem);
    });
    CHECK(outcome.status == std::vector<int>(1, 0));
}

TEST_CASE("check: a rank that goes missing ends the measurements, and the samples so far stay") {
    auto options = small({"triad", "gemm"});
    options.host = true;
    const auto outcome = test::fork_ranks({2}, [&](test::Rank& rank) {
        auto mine = options;
        int rounds = 0;
        if (rank.step.rank == 0) {
            mine.progress = [&](const std::string&) { ++rounds; };
        } else {
            mine.program = {"/bin/sh", "-c",
                            "case \"$(cat)\" in *check-gemm*) kill -9 $PPID;; esac; exit 2"};
        }
        const auto samples =
            check::run_probes(rank.channel, rank.step, check::Level::standard, mine);
        expect(rounds == 2, "another number of rounds");
        expect(samples.size() == 3, "another number of samples");
        expect(samples[0].problem.empty(), samples[0].problem);
        expect(samples[1].problem.starts_with("ended with code 2"), samples[1].problem);
        expect(samples[2].probe == "gemm" && !samples[2].problem.empty(), "no word of the end");
    });
    CHECK(outcome.status == std::vector<int>{3, 137});
}

TEST_CASE("check: a probe of no known name is refused") {
    auto options = small({"triat"});
    const auto outcome = test::fork_ranks({1}, [&](test::Rank& rank) {
        check::run_probes(rank.channel, rank.step, check::Level::standard, options);
    });
    CHECK(outcome.status == std::vector<int>(1, 2));
}

#else

TEST_CASE("check: ranks with a GPU each measure it, its state and the others") {
    const Gpus gpus;
    const auto options = small();
    const auto outcome = run({4}, check::Level::standard, options, [](const auto& samples) {
        auto count = good(samples);
        expect(count["triad"] == 4 && count["p2p"] == 12 && count["all_reduce"] == 1,
               "another number of samples");
        std::set<std::string> uuids;
        for (const Sample& sample : samples) {
            expect(!sample.model.empty(), sample.probe + " has no model");
            if (sample.probe == "gemm") expect(sample.qualifier == "bf16", sample.qualifier);
            if (sample.probe == "triad") {
                uuids.insert(sample.places[0].gpu_uuid);
                expect(sample.places[0].serial == "S" + std::to_string(sample.places[0].rank),
                       "another GPU than a run would take");
            }
        }
        expect(uuids.size() == 4, "two ranks have measured one GPU");
    });
    CHECK(outcome.status == std::vector<int>(4, 0));
}

TEST_CASE("check: one rank measures all its GPUs, and burns them") {
    const Gpus gpus;
    auto options = small({"launch", "burn"});
    const auto outcome = run({1}, check::Level::full, options, [](const auto& samples) {
        auto count = good(samples);
        expect(count["launch"] == 4 && count["burn"] == 4, "another number of samples");
        for (const Sample& sample : samples) {
            if (sample.probe != "burn") continue;
            expect(sample.state.count("sm_mhz") == 1 && sample.state.at("sm_mhz") == 1755,
                   "nobody has read the clocks");
            expect(sample.state.at("power_w") == 512.5 && sample.state.at("temperature_c") == 61,
                   "nobody has read power and temperature");
            expect(sample.checksum == samples[4].checksum, "the checksums differ");
        }
    });
    CHECK(outcome.status == std::vector<int>(1, 0));
}

TEST_CASE("check: a GPU that CUDA does not show is a problem of its own") {
    const Gpus gpus;
    ::setenv("STAND_IN_DEVICES", "3", 1);
    const auto outcome =
        run({1}, check::Level::standard, small({"launch"}), [](const auto& samples) {
            expect(samples.size() == 4, "another number of samples");
            for (int i = 0; i < 3; ++i)
                expect(samples[static_cast<std::size_t>(i)].problem.empty(), "a good GPU has one");
            expect(samples[3].problem.find("GPU 0000:13:00.0 cannot be used here") !=
                       std::string::npos,
                   samples[3].problem);
            expect(samples[3].places[0].serial == "S3", "nobody knows which GPU");
        });
    CHECK(outcome.status == std::vector<int>(1, 0));
}

#endif
