// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/check_strips.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"

namespace warpstep::report {
namespace {

using check::Sample;
using check::Subject;

Strip& strip_of(std::vector<Strip>& strips, const Sample& sample) {
    const std::size_t places = std::min<std::size_t>(sample.places.size(), 3);
    const auto found = std::find_if(strips.begin(), strips.end(), [&](const Strip& s) {
        return s.probe == sample.probe && s.qualifier == sample.qualifier &&
               s.unit == sample.unit && s.model == sample.model && s.places == places;
    });
    if (found != strips.end()) return *found;
    Strip strip;
    strip.probe = sample.probe;
    strip.qualifier = sample.qualifier;
    strip.unit = sample.unit;
    strip.model = sample.model;
    strip.places = places;
    return strips.emplace_back(std::move(strip));
}

// As the performance rules choose it: a collective's is its algorithm's, and holds for the eight
// GPUs of one node only.
const check::Floor* floor_of(const check::Facts& facts, const Sample& sample) {
    std::string qualifier = sample.qualifier;
    if (sample.probe == "all_reduce") {
        const bool one_node =
            std::all_of(sample.places.begin(), sample.places.end(),
                        [&](const Subject& p) { return p.node == sample.places[0].node; });
        if (sample.places.size() != 8 || !one_node || sample.algorithm.empty()) return nullptr;
        qualifier = sample.algorithm.find("NVLS") != std::string::npos ? "NVLS" : "Ring";
    }
    const check::Floor* general = nullptr;
    for (const check::Floor& floor : facts.floors) {
        if (floor.model != sample.model || floor.probe != sample.probe) continue;
        if (!qualifier.empty() && floor.qualifier == qualifier) return &floor;
        if (floor.qualifier.empty()) general = &floor;
    }
    return general;
}

void hold_against_floors(Strip& strip, const check::Facts& facts) {
    if (!strip.is_rate()) return;
    for (Dot& dot : strip.dots) {
        const check::Floor* floor = floor_of(facts, *dot.sample);
        if (floor == nullptr) continue;
        strip.floor = floor->value;
        strip.floor_source = floor->source;
        dot.below_floor = dot.sample->value < floor->value;
    }
}

// Waits and launches vary by their nature; of the times only a rank's own computing is compared.
void hold_against_peers(Strip& strip) {
    std::vector<double> values;
    for (const Dot& dot : strip.dots) values.push_back(dot.sample->value);
    strip.median = check::median_of(values);
    if (!strip.is_rate() && strip.probe != "compute") return;
    strip.line =
        check::outlier_line(values, strip.is_rate() ? check::Better::higher : check::Better::lower);
    if (!strip.line) return;
    for (Dot& dot : strip.dots) dot.outlier = strip.line->is_outlier(dot.sample->value);
}

// A rate of wrong results counts for nothing.
std::string why_unmeasured(const Strip& strip, const Sample& sample) {
    if (!sample.problem.empty()) return sample.problem;
    if (!std::isfinite(sample.value)) return "told no number";
    return strip.is_rate() && !sample.verified ? "wrong results" : "";
}

std::string show_place(const check::Facts& facts, const Subject& place) {
    const std::string node = place.node.empty() ? "" : " on " + place.node;
    const check::NodeFacts* host = facts.node(place.node);
    if (host != nullptr && !place.gpu_uuid.empty()) {
        for (const check::GpuFacts& gpu : host->gpus) {
            if (gpu.uuid == place.gpu_uuid && gpu.index >= 0)
                return fmt::format("GPU {}{}", gpu.index, node);
        }
    }
    if (!place.gpu_uuid.empty()) return place.gpu_uuid + node;
    if (place.rank >= 0) return fmt::format("rank {}{}", place.rank, node);
    return place.node.empty() ? "the step" : place.node;
}

}  // namespace

std::string Strip::title() const {
    return qualifier.empty() ? probe : probe + " " + qualifier;
}

std::vector<Strip> strips_of(const check::Facts& facts) {
    std::vector<Strip> strips;
    for (const Sample& sample : facts.samples) {
        Strip& strip = strip_of(strips, sample);
        const std::string why = why_unmeasured(strip, sample);
        if (why.empty())
            strip.dots.push_back({&sample});
        else
            strip.unmeasured.push_back({&sample, why});
    }
    for (Strip& strip : strips) {
        hold_against_peers(strip);
        hold_against_floors(strip, facts);
    }
    return strips;
}

std::string show_measured(double value, const std::string& unit) {
    if (unit == "B/s") return show_bytes_per_second(value);
    if (unit == "FLOP/s") return show_flops_per_second(value);
    if (unit == "s") return show_seconds(value);
    return fmt::format("{:.6g}{}{}", value, unit.empty() ? "" : " ", unit);
}

std::string show_places(const check::Facts& facts, const std::vector<Subject>& places) {
    if (places.empty()) return "the step";
    if (places.size() == 1) return show_place(facts, places.front());
    if (places.size() == 2)
        return show_place(facts, places[0]) + " - " + show_place(facts, places[1]);
    std::vector<std::string> nodes;
    bool gpus = true;
    for (const Subject& place : places) {
        if (std::find(nodes.begin(), nodes.end(), place.node) == nodes.end())
            nodes.push_back(place.node);
        gpus = gpus && !place.gpu_uuid.empty();
    }
    const std::string on =
        nodes.size() > 4 ? fmt::format("{} nodes", nodes.size()) : join(nodes, ", ");
    return fmt::format("{} {} on {}", places.size(), gpus ? "GPUs" : "ranks", on);
}

}  // namespace warpstep::report
