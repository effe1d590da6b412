// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/stragglers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/check/rules/rates.hpp"

namespace warpstep::check {
namespace {

constexpr std::size_t fewest_windows = 3;

/// The windows that all ranks have.
std::size_t windows_of(const std::vector<const Sample*>& samples) {
    std::size_t windows = samples.front()->repeats.size();
    for (const Sample* sample : samples) windows = std::min(windows, sample->repeats.size());
    return windows;
}

/// How long the same rank waited for the others; nothing when it was not measured.
std::optional<double> wait_of(const Facts& facts, const Sample& compute) {
    for (const Sample& sample : facts.samples) {
        if (sample.probe != "arrival" || sample.places.empty() || !sample.problem.empty()) continue;
        if (sample.places[0].rank == compute.places[0].rank &&
            sample.places[0].gpu_uuid == compute.places[0].gpu_uuid)
            return sample.value;
    }
    return std::nullopt;
}

/// The slowest in every window, beyond the line of its peers in each.
const Sample* always_slowest(const std::vector<const Sample*>& samples) {
    const std::size_t windows = windows_of(samples);
    if (windows < fewest_windows || samples.size() < fewest_peers) return nullptr;
    const Sample* slowest = nullptr;
    for (std::size_t window = 0; window < windows; ++window) {
        std::vector<double> times;
        for (const Sample* sample : samples) times.push_back(sample->repeats[window]);
        const auto line = outlier_line(times, Better::lower);
        const auto worst = std::max_element(times.begin(), times.end());
        const Sample* here = samples[static_cast<std::size_t>(worst - times.begin())];
        if (!line || !line->is_outlier(*worst) || (slowest != nullptr && here != slowest))
            return nullptr;
        slowest = here;
    }
    return slowest;
}

bool waits_least(const Facts& facts, const Sample& slow, const std::vector<const Sample*>& all) {
    const auto own = wait_of(facts, slow);
    if (!own) return false;
    return std::all_of(all.begin(), all.end(), [&](const Sample* other) {
        const auto wait = wait_of(facts, *other);
        return !wait || *wait >= *own;
    });
}

std::vector<const Sample*> usable(const rates::Group& group) {
    std::vector<const Sample*> samples;
    for (const Sample* sample : group.samples) {
        const bool whole = std::all_of(sample->repeats.begin(), sample->repeats.end(),
                                       [](double time) { return std::isfinite(time) && time > 0; });
        if (sample->problem.empty() && sample->verified && whole && !sample->repeats.empty() &&
            !sample->places.empty() && std::isfinite(sample->value) && sample->value > 0)
            samples.push_back(sample);
    }
    return samples;
}

}  // namespace

void straggles(const Facts& facts, Judge& judge) {
    if (!rates::has_samples(facts, "compute", judge)) return;
    for (const rates::Group& group : rates::groups_of(facts, "compute")) {
        const auto samples = usable(group);
        if (samples.size() < fewest_peers || windows_of(samples) < fewest_windows) {
            judge.skip(fmt::format("{} ranks and {} windows are too few to tell", samples.size(),
                                   samples.empty() ? 0 : windows_of(samples)));
            continue;
        }
        std::vector<double> times;
        for (const Sample* sample : samples) times.push_back(sample->value);
        const double median = median_of(times);
        const Sample* slow = always_slowest(samples);
        if (slow != nullptr && !wait_of(facts, *slow)) {
            judge.unknown(rates::subject_of(*slow),
                          "works longest in every window, but how long it waits was not measured");
            continue;
        }
        if (slow == nullptr || !waits_least(facts, *slow, samples)) {
            judge.pass({}, fmt::format("no rank is the slowest in every window (median {} of {} "
                                       "ranks)",
                                       rates::show_value(median, "s"), samples.size()));
            continue;
        }
        judge.fire(
            rates::subject_of(*slow),
            fmt::format("rank {} works {}, {:.1f} % longer than the median of {} ranks in each of "
                        "{} windows, and waits least{}",
                        slow->places[0].rank, rates::show_value(slow->value, "s"),
                        100 * (slow->value / median - 1), samples.size(), windows_of(samples),
                        rates::conditions(*slow)),
            {fmt::format("{:.6g}", slow->value), fmt::format("{:.6g}", median), "s", ""});
    }
}

void jitters(const Facts& facts, Judge& judge) {
    constexpr double own = 1.2, peers = 2;
    int judged = 0;
    for (const char* probe : {"compute", "launch"}) {
        for (const rates::Group& group : rates::groups_of(facts, probe)) {
            if (group.model.empty()) continue;  // on the host others always share the cores
            std::vector<double> tails;
            for (const Sample* sample : usable(group)) tails.push_back(sample->p99);
            const double usual = median_of(tails);
            for (const Sample* sample : usable(group)) {
                const bool is_launch = sample->probe == "launch";
                if (!(sample->p99 > 0) || (is_launch && tails.size() < fewest_peers)) continue;
                ++judged;
                const bool varies = sample->p99 > (is_launch ? peers * usual : own * sample->value);
                if (!varies) {
                    judge.pass(rates::subject_of(*sample), "its times vary little");
                    continue;
                }
                judge.fire(
                    rates::subject_of(*sample),
                    fmt::format("{} takes {} at the 99th percentile, {:.2f} times {}",
                                is_launch ? "a launch" : "a kernel",
                                rates::show_value(sample->p99, "s"),
                                sample->p99 / (is_launch ? usual : sample->value),
                                is_launch ? "the peers'" : "its median"),
                    {fmt::format("{:.6g}", sample->p99),
                     fmt::format("<= {:.6g}", is_launch ? peers * usual : own * sample->value), "s",
                     ""});
            }
        }
    }
    if (judged == 0) judge.skip("no times of GPUs were measured");
}

}  // namespace warpstep::check
