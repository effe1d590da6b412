// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/report/format_texts.hpp"
#include "runtime/report/table_parts.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::report {
namespace {

// Up to so many checks all are shown.
constexpr std::size_t most_checks_shown = 16;
constexpr std::size_t widest = 48;  // columns of a step's name

std::string_view colour_of(std::string_view verdict) {
    if (verdict == "passed") return "\x1b[32m";
    return verdict == "failed" ? "\x1b[31m" : "\x1b[33m";
}

/// How many checks ended with each verdict, in the order of verdict_names.
std::vector<std::pair<std::string_view, std::size_t>> counts_of(
    const execution::Judgement& judgement) {
    std::vector<std::pair<std::string_view, std::size_t>> counts;
    for (const auto name : verdict_names) {
        std::size_t count = 0;
        for (const auto& v : judgement.verify) count += execution::name_of(v.verdict) == name;
        for (const auto& e : judgement.expectations) count += execution::name_of(e.verdict) == name;
        counts.emplace_back(name, count);
    }
    return counts;
}

bool goes_without_saying(execution::Verdict verdict) {
    return verdict == execution::Verdict::passed || verdict == execution::Verdict::skipped;
}

// Of UTF-8, so that no character is cut.
std::vector<std::size_t> starts_of_characters(const std::string& text) {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((text[i] & 0xc0) != 0x80) starts.push_back(i);
    }
    return starts;
}

}  // namespace

std::string paint(std::string_view verdict, bool colours) {
    if (!colours) return std::string(verdict);
    return fmt::format("{}{}\x1b[0m", colour_of(verdict), verdict);
}

std::string shortened(const std::string& text) {
    const auto starts = starts_of_characters(text);
    if (starts.size() <= widest) return text;
    const std::size_t tail = widest / 2, head = widest - tail - 1;
    return text.substr(0, starts[head]) + "…" + text.substr(starts[starts.size() - tail]);
}

std::string verdict_table(const Report& report, bool colours) {
    const auto& judgement = report.judgement;
    const std::size_t checks = judgement.verify.size() + judgement.expectations.size();
    const bool all = checks <= most_checks_shown;
    TextTable table({{"verdict"}, {"step"}, {"what"}, {"value"}, {"where"}});
    for (const auto& v : judgement.verify) {
        if (!all && goes_without_saying(v.verdict)) continue;
        const std::string_view how = v.verdict == execution::Verdict::passed ? "within" : "off by";
        const std::string value =
            v.worst_ulp > 0 ? fmt::format("{} {:.3g} ulp", how, v.worst_ulp) : "";
        table.add({paint(execution::name_of(v.verdict), colours), shortened(v.step),
                   v.buffer + " " + v.rule, value, v.detail});
    }
    for (const auto& e : judgement.expectations) {
        if (!all && goes_without_saying(e.verdict)) continue;
        table.add({paint(execution::name_of(e.verdict), colours), shortened(e.step), e.that,
                   e.value, e.where});
    }
    std::string text = table.empty() ? "" : table.text(colours);
    if (all) return text;
    std::vector<std::string> rest;
    for (const auto& [name, count] : counts_of(judgement)) {
        if (count > 0 && (name == "passed" || name == "skipped")) {
            rest.push_back(fmt::format("{} {}", count, name));
        }
    }
    if (!rest.empty()) text += fmt::format("… {}; --json shows all\n", join(rest, ", "));
    return text;
}

std::string checks_text(const Report& report) {
    const auto& judgement = report.judgement;
    const std::size_t checks = judgement.verify.size() + judgement.expectations.size();
    std::string text;
    for (const auto& [name, count] : counts_of(judgement)) {
        if (count == 0 || name == "passed" || name == "skipped") continue;
        text += fmt::format(" · {} of {} {}", count, counted(checks, "check"), name);
    }
    return text;
}

}  // namespace warpstep::report
