// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/check/healthy_step.hpp"

namespace warpstep::test {
namespace {

using namespace check;

/// 0.3 % of noise, the same in every run.
double noise(std::size_t gpu, std::size_t repeat) {
    return 1 + 0.003 * std::sin(1.7 * static_cast<double>(gpu) + 2.9 * static_cast<double>(repeat));
}

Subject place_of(const NodeFacts& node, std::size_t gpu) {
    const int rank = gpu < node.ranks.size() ? node.ranks[gpu] : -1;
    return {node.name, rank, node.gpus[gpu].uuid, node.gpus[gpu].serial, node.gpus[gpu].pci};
}

Sample sample(const std::string& probe, std::vector<Subject> places, const std::string& unit,
              double value, std::size_t seed, const std::string& qualifier = "") {
    Sample s;
    s.probe = probe;
    s.places = std::move(places);
    s.model = "NVIDIA H100 80GB HBM3";
    s.unit = unit;
    s.qualifier = qualifier;
    for (std::size_t repeat = 0; repeat < 5; ++repeat)
        s.repeats.push_back(value * noise(seed, repeat));
    s.value = s.repeats[2];
    s.p99 = unit == "s" ? 1.02 * s.value : 0;
    s.verified = true;
    s.state = {{"sm_mhz", 1980}, {"power_w", 640}, {"temperature_c", 58}};
    return s;
}

void add_samples_of(Facts& facts, const NodeFacts& node) {
    auto& all = facts.samples;
    for (std::size_t gpu = 0; gpu < node.gpus.size(); ++gpu) {
        const std::vector<Subject> own{place_of(node, gpu)};
        all.push_back(sample("triad", own, "B/s", 2.97e12, gpu));
        all.push_back(sample("gemm", own, "FLOP/s", 743e12, gpu, "bf16"));
        all.push_back(sample("h2d", own, "B/s", 55e9, gpu, "near"));
        all.push_back(sample("d2h", own, "B/s", 54e9, gpu, "near"));
        all.push_back(sample("launch", own, "s", 3.1e-6, gpu));
        all.push_back(sample("compute", own, "s", 1.2e-3, gpu));
        all.push_back(sample("arrival", own, "s", 20e-6, gpu));
        all.push_back(sample("p2p", {own[0], place_of(node, (gpu + 1) % node.gpus.size())}, "B/s",
                             395e9, gpu));
        all.push_back(sample("burn", own, "FLOP/s", 720e12, gpu, "bf16"));
        all.back().checksum = "000a1b2c3d4e5";
        all.push_back(sample("memtest", own, "errors", 0, gpu, "walking_bit"));
        all.back().value = 0;
        all.back().state["errors"] = 0;
    }
    std::vector<Subject> group;
    for (std::size_t gpu = 0; gpu < node.gpus.size(); ++gpu) group.push_back(place_of(node, gpu));
    all.push_back(sample("all_reduce", group, "B/s", 478e9, 1, "1 GiB"));
    all.back().algorithm = "NVLS";
}

}  // namespace

void add_samples(Facts& facts) {
    for (const NodeFacts& node : facts.nodes) add_samples_of(facts, node);
    if (facts.nodes.size() > 1) {
        facts.samples.push_back(sample("net_pair",
                                       {place_of(facts.nodes[0], 0), place_of(facts.nodes[1], 0)},
                                       "B/s", 48e9, 3, "1 GiB"));
        facts.floors.push_back(
            {"NVIDIA H100 80GB HBM3", "net_pair", "", 40e9, "B/s", "400 Gbit/s"});
    }
    const std::string model = "NVIDIA H100 80GB HBM3";
    for (const Floor& floor :
         std::vector<Floor>{{model, "triad", "", 2.68e12, "B/s", "test"},
                            {model, "gemm", "bf16", 643e12, "FLOP/s", "test"},
                            {model, "h2d", "", 45e9, "B/s", "test"},
                            {model, "d2h", "", 45e9, "B/s", "test"},
                            {model, "p2p", "", 350e9, "B/s", "test"},
                            {model, "all_reduce", "NVLS", 430e9, "B/s", "test"},
                            {model, "all_reduce", "Ring", 340e9, "B/s", "test"}})
        facts.floors.push_back(floor);
}

}  // namespace warpstep::test
