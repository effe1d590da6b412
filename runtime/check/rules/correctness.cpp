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
    for (const Sample& sample : facts.samples) {
        if (sample.probe != "burn") continue;
        if (!sample.problem.empty()) {
            judge.unknown(rates::subject_of(sample), sample.problem);
        } else if (sample.verified) {
            judge.pass(rates::subject_of(sample), "repeats itself bit by bit");
        } else {
            judge.fire(
                rates::subject_of(sample),
                fmt::format("gave {:.0f} elements that differ from its own first result (the "
                            "first wrong one is element {:.0f}){}",
                            state_of(sample, "errors", 0), state_of(sample, "first_wrong", -1),
                            rates::conditions(sample)));
        }
    }
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
        for (const Sample* sample : group.samples) {
            if (!sample->verified || sample->checksum.empty()) continue;
            if (sample->checksum == most->first) {
                judge.pass(rates::subject_of(*sample),
                           fmt::format("the same result as most others ({})", most->first));
                continue;
            }
            judge.fire(rates::subject_of(*sample), "gives another result than the others",
                       fmt::format("gives {} where {} of {} GPUs give {}", sample->checksum,
                                   most->second, all, most->first),
                       {sample->checksum, most->first, "", ""});
        }
    }
}

void memory_errors(const Facts& facts, Judge& judge) {
    if (!rates::has_samples(facts, "memtest", judge)) return;
    for (const Sample& sample : facts.samples) {
        if (sample.probe != "memtest") continue;
        const double errors = state_of(sample, "errors", sample.value);
        if (!sample.problem.empty()) {
            judge.unknown(rates::subject_of(sample), sample.problem);
        } else if (errors > 0 || !sample.verified) {
            judge.fire(rates::subject_of(sample),
                       fmt::format("{:.0f} wrong words in the test {}", errors, sample.qualifier),
                       {fmt::format("{:.0f}", errors), "0", "words", ""});
        } else {
            judge.pass(rates::subject_of(sample), "the memory test found nothing");
        }
    }
}

void slows_down(const Facts& facts, Judge& judge) {
    constexpr double most = 0.05;
    if (!rates::has_samples(facts, "burn", judge)) return;
    int judged = 0;
    for (const Sample& sample : facts.samples) {
        if (sample.probe != "burn" || sample.model.empty() || sample.repeats.size() < 3) continue;
        const double first = sample.repeats.front(), last = sample.repeats.back();
        if (!(first > 0) || !(last > 0)) continue;
        ++judged;
        // At its power limit a GPU lowers its clock as it warms up; power-capped judges the limit.
        const double limit = state_of(sample, "power_limit_w", 0);
        const bool capped = state_of(sample, "throttled.power_cap", 0) > 0 ||
                            (limit > 0 && state_of(sample, "power_w", 0) > 0.97 * limit);
        if (capped || last >= first * (1 - most)) {
            judge.pass(rates::subject_of(sample), "keeps its speed under load");
            continue;
        }
        judge.fire(rates::subject_of(sample),
                   fmt::format("falls from {} to {} during the burn{}",
                               rates::show_value(first, sample.unit),
                               rates::show_value(last, sample.unit), rates::conditions(sample)),
                   {fmt::format("{:.6g}", last), fmt::format(">= {:.6g}", first * (1 - most)),
                    sample.unit, ""});
    }
    if (judged == 0) judge.skip("no burn of a GPU with several windows");
}

}  // namespace warpstep::check
