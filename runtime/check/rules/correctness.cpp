// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/correctness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/check/rules/rates.hpp"

namespace warpstep::check {
namespace {

double state_of(const Sample& sample, const char* key, double otherwise) {
    const auto found = sample.state.find(key);
    return found == sample.state.end() ? otherwise : found->second;
}

}  // namespace

void wrong_now(const Facts& facts, Judge& judge) {
    if (!rates::has_samples(facts, "burn", judge)) return;
    int good = 0;
    for (const Sample& sample : facts.samples) {
        if (sample.probe != "burn") continue;
        if (!sample.problem.empty()) {
            judge.unknown(rates::subject_of(sample),
                          rates::name_of(sample) + ": " + sample.problem);
        } else if (sample.verified) {
            ++good;
        } else {
            judge.fire(rates::subject_of(sample),
                       fmt::format("{} gave {:.0f} elements that differ from its own first "
                                   "result (the first wrong one is element {:.0f}){}",
                                   rates::name_of(sample), state_of(sample, "errors", 0),
                                   state_of(sample, "first_wrong", -1), rates::conditions(sample)));
        }
    }
    if (good > 0) judge.pass({}, fmt::format("{} burns repeated themselves bit by bit", good));
}

void wrong_always(const Facts& facts, Judge& judge) {
    if (!rates::has_samples(facts, "burn", judge)) return;
    for (const rates::Group& group : rates::groups_of(facts, "burn")) {
        std::map<std::string, int> votes;
        int all = 0;
        for (const Sample* sample : group.samples) {
            if (sample->checksum.empty() || !sample->verified) continue;
            ++votes[sample->checksum];
            ++all;
        }
        if (all < 3 && votes.size() < 2) {
            judge.skip(fmt::format("{} checksums have no majority to differ from", all));
            continue;
        }
        const auto most =
            std::max_element(votes.begin(), votes.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        if (2 * most->second <= all) {
            judge.fire({}, fmt::format("{} GPUs gave {} different results, none of them by a "
                                       "majority",
                                       all, votes.size()));
            continue;
        }
        if (votes.size() == 1) {
            judge.pass({}, fmt::format("{} GPUs gave the same result ({})", all, most->first));
            continue;
        }
        for (const Sample* sample : group.samples) {
            if (!sample->verified || sample->checksum.empty() || sample->checksum == most->first)
                continue;
            judge.fire(
                rates::subject_of(*sample),
                fmt::format("{} gives {} where {} of {} GPUs give {}", rates::name_of(*sample),
                            sample->checksum, most->second, all, most->first),
                {sample->checksum, most->first, "", ""});
        }
    }
}

void memory_errors(const Facts& facts, Judge& judge) {
    if (!rates::has_samples(facts, "memtest", judge)) return;
    int good = 0;
    for (const Sample& sample : facts.samples) {
        if (sample.probe != "memtest") continue;
        const double errors = state_of(sample, "errors", sample.value);
        if (!sample.problem.empty()) {
            judge.unknown(rates::subject_of(sample),
                          rates::name_of(sample) + ": " + sample.problem);
        } else if (errors > 0 || !sample.verified) {
            judge.fire(rates::subject_of(sample),
                       fmt::format("{}: {:.0f} wrong words in the test {}", rates::name_of(sample),
                                   errors, sample.qualifier),
                       {fmt::format("{:.0f}", errors), "0", "words", ""});
        } else {
            ++good;
        }
    }
    if (good > 0) judge.pass({}, fmt::format("{} memory tests found nothing", good));
}

void slows_down(const Facts& facts, Judge& judge) {
    constexpr double most = 0.05;
    if (!rates::has_samples(facts, "burn", judge)) return;
    int judged = 0, fired = 0;
    for (const Sample& sample : facts.samples) {
        if (sample.probe != "burn" || sample.model.empty() || sample.repeats.size() < 3) continue;
        const double first = sample.repeats.front(), last = sample.repeats.back();
        if (!(first > 0) || !(last > 0)) continue;
        ++judged;
        // At its power limit a GPU lowers its clock as it warms up; power-capped judges the limit.
        const double limit = state_of(sample, "power_limit_w", 0);
        const bool capped = state_of(sample, "throttled.power_cap", 0) > 0 ||
                            (limit > 0 && state_of(sample, "power_w", 0) > 0.97 * limit);
        if (capped || last >= first * (1 - most)) continue;
        ++fired;
        judge.fire(rates::subject_of(sample),
                   fmt::format("{} falls from {} to {} during the burn{}", rates::name_of(sample),
                               rates::show_value(first, sample.unit),
                               rates::show_value(last, sample.unit), rates::conditions(sample)),
                   {fmt::format("{:.6g}", last), fmt::format(">= {:.6g}", first * (1 - most)),
                    sample.unit, ""});
    }
    if (judged == 0) {
        judge.skip("no burn of a GPU with several windows");
    } else if (fired == 0) {
        judge.pass({}, fmt::format("{} GPUs keep their speed under load", judged));
    }
}

}  // namespace warpstep::check
