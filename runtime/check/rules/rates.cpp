// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "runtime/check/floors.hpp"

namespace warpstep::check::rates {
namespace {

std::string percent(double share) {
    return fmt::format("{:.1f} %", 100 * share);
}

/// What a sample is compared with.
struct Yardstick {
    std::optional<OutlierLine> line;
    const Floor* floor = nullptr;
    std::size_t peers = 0;
};

std::string peers_text(const Yardstick& yard, const std::string& unit) {
    if (!yard.line) return fmt::format("too few peers ({})", yard.peers);
    return fmt::format("median {} of {}, line {}", show_value(yard.line->median, unit), yard.peers,
                       show_value(yard.line->line, unit));
}

Figure figure_of(const Sample& sample, const Yardstick& yard) {
    Figure figure;
    figure.measured = fmt::format("{:.6g}", sample.value);
    figure.unit = sample.unit;
    const double least =
        std::max(yard.line ? yard.line->line : 0, yard.floor ? yard.floor->value : 0);
    if (least > 0) figure.expected = fmt::format(">= {:.6g}", least);
    figure.peers = peers_text(yard, sample.unit);
    return figure;
}

/// Pairs and groups are named; what is of one place has it as its subject.
std::string begin_of(const Sample& sample) {
    return sample.places.size() == 1 ? "" : name_of(sample) + " ";
}

/// Fires for what is wrong with one sample; true when it did.
bool fire_for(const Sample& sample, const Yardstick& yard, const std::string& fix, Judge& judge) {
    const std::string value = show_value(sample.value, sample.unit) + conditions(sample);
    if (yard.line && yard.line->is_outlier(sample.value)) {
        judge.fire(
            subject_of(sample),
            fmt::format("{}reaches {}, {} below the median of its {} peers ({}; the line is {})",
                        begin_of(sample), value, percent(1 - sample.value / yard.line->median),
                        yard.peers, show_value(yard.line->median, sample.unit),
                        show_value(yard.line->line, sample.unit)),
            figure_of(sample, yard), fix);
        return true;
    }
    if (yard.floor != nullptr && sample.value < yard.floor->value) {
        judge.fire(
            subject_of(sample),
            fmt::format("{}reaches {}, below the floor of its model, {} ({})", begin_of(sample),
                        value, show_value(yard.floor->value, sample.unit), yard.floor->source),
            figure_of(sample, yard), fix);
        return true;
    }
    return false;
}

bool has_baseline(const Facts& facts, const Sample& sample) {
    return std::any_of(facts.baseline.begin(), facts.baseline.end(), [&](const BaselineEntry& e) {
        return !sample.places.empty() && e.gpu_uuid == sample.places[0].gpu_uuid &&
               e.probe == sample.probe && e.qualifier == sample.qualifier;
    });
}

/// Of a sample that nothing is wrong with, as far as it could be compared.
void conclude(const Facts& facts, const Sample& sample, const Yardstick& yard, Judge& judge) {
    const Subject subject = subject_of(sample);
    const std::string peers = peers_text(yard, sample.unit);
    const std::string reaches =
        fmt::format("{}reaches {}", begin_of(sample), show_value(sample.value, sample.unit));
    if (yard.line || yard.floor != nullptr) {
        const std::string floor =
            yard.floor == nullptr
                ? ""
                : fmt::format(", floor {}", show_value(yard.floor->value, sample.unit));
        judge.pass(subject, fmt::format("{}{}, {}", reaches, floor, peers),
                   figure_of(sample, yard));
    } else if (sample.model.empty()) {
        judge.skip(fmt::format("measured on the host, where there is no floor and {}", peers));
    } else if (sample.places.size() > 1) {
        judge.skip(fmt::format("{}; there is no floor for this group and algorithm{}", reaches,
                               sample.algorithm.empty() ? "" : " (" + sample.algorithm + ")"));
    } else if (has_baseline(facts, sample)) {
        judge.skip("nothing to compare with but the baseline, which perf-drift judges");
    } else {
        judge.unknown(subject, fmt::format("{}, and there is no floor for {} and {}; learn a "
                                           "baseline: warpstep check --learn FILE",
                                           reaches, sample.model, peers));
    }
}

/// A collective's floor is its algorithm's, and only for the eight GPUs of one node.
const Floor* floor_of(const Facts& facts, const Sample& sample) {
    if (sample.probe != "all_reduce") return floor_for(facts.floors, sample, sample.qualifier);
    const bool one_node =
        std::all_of(sample.places.begin(), sample.places.end(),
                    [&](const Subject& place) { return place.node == sample.places[0].node; });
    if (sample.places.size() != 8 || !one_node || sample.algorithm.empty()) return nullptr;
    const bool in_switch = sample.algorithm.find("NVLS") != std::string::npos;
    return floor_for(facts.floors, sample, in_switch ? "NVLS" : "Ring");
}

void judge_group(const Facts& facts, const Group& group, const FixOf& fix_of, Judge& judge) {
    std::vector<const Sample*> good;
    std::vector<double> values;
    for (const Sample* sample : group.samples) {
        if (!sample->problem.empty()) {
            judge.unknown(subject_of(*sample), begin_of(*sample) + sample->problem);
        } else if (!std::isfinite(sample->value) || sample->value <= 0) {
            judge.unknown(subject_of(*sample), begin_of(*sample) + "told no number");
        } else if (!sample->verified) {
            judge.fire(subject_of(*sample),
                       begin_of(*sample) + "gave wrong results, so its speed counts for nothing",
                       {}, "drain the node and run the full level (warpstep check --level full)");
        } else {
            good.push_back(sample);
            values.push_back(sample->value);
        }
    }
    if (good.empty()) return;
    Yardstick yard{outlier_line(values, Better::higher), nullptr, values.size()};
    for (const Sample* sample : good) {
        yard.floor = floor_of(facts, *sample);
        if (!fire_for(*sample, yard, fix_of ? fix_of(*sample) : "", judge))
            conclude(facts, *sample, yard, judge);
    }
}

}  // namespace

std::vector<Group> groups_of(const Facts& facts, const std::string& probe) {
    std::map<std::pair<std::string, std::string>, Group> groups;
    for (const Sample& sample : facts.samples) {
        if (sample.probe != probe) continue;
        Group& group = groups[{sample.model, sample.qualifier}];
        group.model = sample.model;
        group.qualifier = sample.qualifier;
        group.samples.push_back(&sample);
    }
    std::vector<Group> list;
    for (auto& [key, group] : groups) list.push_back(std::move(group));
    return list;
}

Subject subject_of(const Sample& sample) {
    if (sample.places.empty()) return {};
    return sample.places.size() > 2 ? Subject{} : sample.places[0];
}

std::string name_of(const Sample& sample) {
    const auto one = [](const Subject& place) {
        return place.gpu_uuid.empty() ? fmt::format("rank {}", place.rank) : place.gpu_uuid;
    };
    if (sample.places.empty()) return "the step";
    const Subject& first = sample.places[0];
    if (sample.places.size() == 1) return one(first) + " on " + first.node;
    if (sample.places.size() == 2) {
        const Subject& second = sample.places[1];
        return first.node == second.node
                   ? fmt::format("the pair {} and {} on {}", one(first), one(second), first.node)
                   : fmt::format("the pair {} on {} and {} on {}", one(first), first.node,
                                 one(second), second.node);
    }
    return fmt::format("the group of {}", sample.places.size());
}

std::string show_value(double value, const std::string& unit) {
    if (unit == "s") {
        if (value < 1e-3) return fmt::format("{:.3g} us", value * 1e6);
        return value < 1 ? fmt::format("{:.3g} ms", value * 1e3) : fmt::format("{:.3g} s", value);
    }
    if (unit == "FLOP/s") return fmt::format("{:.4g} TFLOP/s", value / 1e12);
    if (unit == "B/s" && value >= 1e12) return fmt::format("{:.3g} TB/s", value / 1e12);
    if (unit == "B/s") return fmt::format("{:.3g} GB/s", value / 1e9);
    return fmt::format("{:.4g} {}", value, unit);
}

std::string conditions(const Sample& sample) {
    std::string text;
    const auto add = [&](const char* key, const char* unit) {
        const auto found = sample.state.find(key);
        if (found == sample.state.end()) return;
        text += fmt::format("{}{:.0f} {}", text.empty() ? " at " : ", ", found->second, unit);
    };
    add("sm_mhz", "MHz");
    add("power_w", "W");
    add("temperature_c", "°C");
    return text;
}

bool has_samples(const Facts& facts, const std::string& probe, Judge& judge) {
    const bool any = std::any_of(facts.samples.begin(), facts.samples.end(),
                                 [&](const Sample& sample) { return sample.probe == probe; });
    if (!any) {
        judge.skip(facts.samples.empty() ? "nothing was measured"
                                         : "nothing here for this measurement, or too few ranks");
    }
    return any;
}

void judge(const Facts& facts, const std::string& probe, Judge& judge, const FixOf& fix_of) {
    if (!has_samples(facts, probe, judge)) return;
    for (const Group& group : groups_of(facts, probe)) judge_group(facts, group, fix_of, judge);
}

}  // namespace warpstep::check::rates
