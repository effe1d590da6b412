// SPDX-License-Identifier: Apache-2.0
// Metrics of `warpstep check` for the textfile collector of node_exporter; a verdict is a number:
// 0 PASS, 1 WARN, 2 FAIL, 3 UNKNOWN, as the codes of a monitoring plugin.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/report/check_formats.hpp"
#include "runtime/report/check_strips.hpp"
#include "runtime/report/check_subjects.hpp"
#include "runtime/report/exposition.hpp"

namespace warpstep::report {
namespace {

using check::Finding;

int code_of(check::Verdict verdict) {
    switch (verdict) {
        case check::Verdict::warn:
            return 1;
        case check::Verdict::fail:
            return 2;
        case check::Verdict::unknown:
            return 3;
        case check::Verdict::pass:
        case check::Verdict::skip:
            return 0;
    }
    return 3;
}

std::string index_text(int index) {
    return index < 0 ? "" : std::to_string(index);
}

/// One series for each rule and subject, with the worst of its verdicts. What does not apply has
/// none.
std::string findings_of(const std::vector<Finding>& findings) {
    std::vector<const Finding*> worst;
    std::map<std::string, std::size_t> places;
    for (const Finding& f : findings) {
        if (f.verdict == check::Verdict::skip) continue;
        const std::string key =
            fmt::format("{}\n{}\n{}\n{}\n{}\n{}", f.rule, check::name_of(f.severity),
                        f.subject.node, f.subject.rank, f.subject.gpu_uuid, f.subject.pci);
        const auto [place, is_new] = places.emplace(key, worst.size());
        if (is_new)
            worst.push_back(&f);
        else if (badness(f.verdict) > badness(worst[place->second]->verdict))
            worst[place->second] = &f;
    }
    Family family("warpstep_check_finding",
                  "check::Verdict of a rule on a subject: 0 PASS, 1 WARN, 2 FAIL, 3 UNKNOWN.");
    for (const Finding* f : worst) {
        family.add({{"rule", f->rule},
                    {"severity", std::string(check::name_of(f->severity))},
                    {"node", f->subject.node},
                    {"rank", index_text(f->subject.rank)},
                    {"gpu", f->subject.gpu_uuid},
                    {"pci", f->subject.pci}},
                   code_of(f->verdict));
    }
    return family.text();
}

std::string measurements_of(const check::Facts& facts) {
    Family family("warpstep_check_measurement",
                  "Median of a probe's repeats, in the base unit that the label names.");
    std::set<std::string> seen;
    for (const Strip& strip : strips_of(facts)) {
        for (const Dot& dot : strip.dots) {
            const check::Sample& s = *dot.sample;
            const check::Subject first = s.places.empty() ? check::Subject{} : s.places.front();
            std::string peer, node = first.node, gpu = first.gpu_uuid,
                              rank = index_text(first.rank);
            if (s.places.size() == 2)
                peer = s.places[1].gpu_uuid.empty() ? fmt::format("rank {}", s.places[1].rank)
                                                    : s.places[1].gpu_uuid;
            if (s.places.size() > 2) {  // of no one among them
                gpu = rank = "";
                peer = show_places(facts, s.places);
                for (const auto& place : s.places) node = place.node == node ? node : "";
            }
            const std::string key =
                fmt::format("{}\n{}\n{}\n{}\n{}\n{}", s.probe, s.qualifier, node, gpu, rank, peer);
            if (!seen.insert(key).second) continue;
            family.add({{"probe", s.probe},
                        {"qualifier", s.qualifier},
                        {"unit", s.unit},
                        {"node", node},
                        {"rank", rank},
                        {"gpu", gpu},
                        {"peer", peer},
                        {"model", s.model}},
                       s.value);
        }
    }
    return family.text();
}

}  // namespace

std::string check_prometheus(const CheckReport& report) {
    const Labels level{{"level", std::string(check::name_of(report.level))}};
    const auto one = [](const char* name, const char* help, const Labels& labels, double value) {
        Family family(name, help);
        family.add(labels, value);
        return family.text();
    };
    std::string text = one("warpstep_check_info", "What was checked, as labels; always 1.",
                           {{"level", std::string(check::name_of(report.level))},
                            {"job", report.job},
                            {"step", report.step},
                            {"version", report.warpstep},
                            {"degraded", report.degraded_because.empty() ? "" : "yes"}},
                           1);
    text += one("warpstep_check_timestamp_seconds", "When it was checked, since 1970.", level,
                static_cast<double>(report.date));
    text += one("warpstep_check_duration_seconds", "How long it took.", level, report.seconds);
    text += one("warpstep_check_exit_code", "Exit code of the check.", level, report.exit_code);
    Family counts("warpstep_check_findings", "Findings by verdict.");
    for (const check::Verdict verdict : all_verdicts) {
        counts.add({{"verdict", std::string(check::name_of(verdict))}},
                   static_cast<double>(count_of(report.findings, verdict)));
    }
    text += counts.text() + findings_of(report.findings);
    return report.facts == nullptr ? text : text + measurements_of(*report.facts);
}

}  // namespace warpstep::report
