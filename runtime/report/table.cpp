// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/report/printer.hpp"
#include "runtime/report/text_table.hpp"
#include "runtime/topology/cpu_set.hpp"

namespace warpstep::report {
namespace {

using execution::JudgedMetric;
using execution::JudgedStep;
using execution::Verdict;
using Align = TextTable::Align;

// More ranks than this do not fit a screen; the JSON report has them all.
constexpr std::size_t most_ranks_shown = 64;

std::string paint(Verdict verdict, bool colours) {
    const std::string text(execution::name_of(verdict));
    if (!colours) return text;
    const char* colour = verdict == Verdict::passed   ? "\x1b[32m"
                         : verdict == Verdict::failed ? "\x1b[31m"
                                                      : "\x1b[33m";
    return colour + text + "\x1b[0m";
}

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string headline(const Report& report) {
    std::string line = fmt::format(
        "{} · {} on {} · {} device", report.workload, plural(report.ranks.size(), "rank"),
        plural(static_cast<std::size_t>(report.nodes), "node"), report.device);
    if (report.ranks.size() > 1) line += " · " + report.communicator;
    if (!report.job.empty()) line += fmt::format(" · job {}.{}", report.job, report.step);
    if (report.simulated) line += " · simulated topology, nothing bound";
    return line + "\n";
}

std::string numa_text(const std::vector<int>& numa) {
    std::vector<std::string> nodes;
    for (const int n : numa) nodes.push_back(std::to_string(n));
    return join(nodes, ",");
}

std::string core_count(const std::string& cpus) {
    return cpus.empty() ? "" : std::to_string(topology::CpuSet::parse(cpus).size());
}

std::string rank_table(const Report& report, bool colours) {
    TextTable table({{"rank", Align::right},
                     {"node"},
                     {"local", Align::right},
                     {"GPU"},
                     {"UUID"},
                     {"CPUs", Align::right},
                     {"cpu list"},
                     {"NUMA", Align::right},
                     {"memory"},
                     {"note"}});
    const std::size_t shown = std::min(report.ranks.size(), most_ranks_shown);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& rank = report.ranks[i];
        table.add({std::to_string(rank.rank), rank.node_name, std::to_string(rank.local_rank),
                   rank.gpu_pci, rank.gpu_uuid.substr(0, 12), core_count(rank.cpus), rank.cpus,
                   numa_text(rank.numa), rank.memory_policy, join(rank.notes, "; ")});
    }
    std::string text = table.text(colours);
    if (shown < report.ranks.size()) {
        text += fmt::format("… {} more; --json shows all\n",
                            plural(report.ranks.size() - shown, "rank"));
    }
    return text;
}

const JudgedMetric* find_metric(const JudgedStep& step, std::string_view name) {
    const auto it = std::find_if(step.metrics.begin(), step.metrics.end(),
                                 [&](const JudgedMetric& metric) { return metric.name == name; });
    return it == step.metrics.end() ? nullptr : &*it;
}

std::string show_rate(const JudgedStep& step, std::string_view name) {
    const JudgedMetric* metric = find_metric(step, name);
    return metric == nullptr ? "" : show_bytes_per_second(metric->median);
}

std::string show_numbers(const JudgedStep& step) {
    std::vector<std::string> pieces;
    for (const auto& [name, value] : step.numbers) {
        pieces.push_back(name + " " +
                         (std::isfinite(value) ? fmt::format("{:.6g}", value) : "n/a"));
    }
    return join(pieces, "  ");
}

// With several ranks: median, fastest and slowest of the ranks' medians; with one: of its own
// samples.
std::string step_table(const Report& report, bool colours) {
    const bool alone = report.ranks.size() == 1;
    TextTable table({{"step"},
                     {"run"},
                     {"runs", Align::right},
                     {"time", Align::right},
                     {alone ? "min" : "fastest rank", Align::right},
                     {alone ? "max" : "slowest rank", Align::right},
                     {"bandwidth", Align::right},
                     {"FLOP/s", Align::right},
                     {"algbw", Align::right},
                     {"busbw", Align::right},
                     {"result"}});
    for (const auto& step : report.judgement.steps) {
        const JudgedMetric* time = find_metric(step, "time");
        const JudgedMetric* flops = find_metric(step, "flops");
        std::vector<std::string> row{step.name, step.run,
                                     step.launches > 0 ? std::to_string(step.launches) : ""};
        if (step.ranks == 0) {
            row.insert(row.end(), {"not run", "", ""});
        } else if (time == nullptr) {
            row.insert(row.end(), {"", "", ""});
        } else if (alone) {
            row.insert(row.end(), {show_seconds(time->first.median), show_seconds(time->first.min),
                                   show_seconds(time->first.max)});
        } else {
            row.insert(row.end(),
                       {show_seconds(time->median), show_seconds(time->min),
                        show_seconds(time->max) + fmt::format(" (rank {})", time->slowest_rank)});
        }
        row.insert(row.end(),
                   {show_rate(step, "bandwidth"),
                    flops == nullptr ? "" : show_flops_per_second(flops->median),
                    show_rate(step, "algbw"), show_rate(step, "busbw"), show_numbers(step)});
        table.add(std::move(row));
    }
    return table.text(colours);
}

std::string verdict_table(const Report& report, bool colours) {
    TextTable table({{"verdict"}, {"step"}, {"what"}, {"value"}, {"where"}});
    for (const auto& v : report.judgement.verify) {
        const std::string_view how = v.verdict == Verdict::passed ? "within" : "off by";
        const std::string value =
            v.worst_ulp > 0 ? fmt::format("{} {:.3g} ulp", how, v.worst_ulp) : "";
        table.add({paint(v.verdict, colours), v.step, v.buffer + " " + v.rule, value, v.detail});
    }
    for (const auto& e : report.judgement.expectations) {
        table.add({paint(e.verdict, colours), e.step, e.that, e.value, e.where});
    }
    return table.empty() ? "" : table.text(colours);
}

std::string values_text(const Report& report) {
    std::string text;
    for (const auto& [name, values] : report.values) {
        std::vector<std::string> numbers;
        for (const double v : values) numbers.push_back(fmt::format("{:.6g}", v));
        text += fmt::format("{} = [{}]\n", name, join(numbers, ", "));
    }
    return text;
}

std::string last_line(const Report& report, bool colours) {
    if (report.failure) {
        return fmt::format("{}: {} (exit code {})\n", paint(Verdict::unknown, colours),
                           *report.failure, static_cast<int>(report.exit_code));
    }
    return fmt::format("{} · start {} · run {}\n", paint(report.judgement.verdict, colours),
                       show_seconds(report.start_seconds), show_seconds(report.run_seconds));
}

class TablePrinter final : public Printer {
  public:
    void print(const Report& report) override {
        const std::string text = to_table(report, ::isatty(STDOUT_FILENO) == 1);
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
    }
};

}  // namespace

std::string to_table(const Report& report, bool colours) {
    std::vector<std::string> parts{headline(report)};
    if (!report.ranks.empty()) parts.push_back(rank_table(report, colours));
    if (!report.judgement.steps.empty()) parts.push_back(step_table(report, colours));
    parts.push_back(verdict_table(report, colours));
    parts.push_back(values_text(report));
    parts.push_back(last_line(report, colours));
    parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
    return join(parts, "\n");
}

std::unique_ptr<Printer> table_printer() {
    return std::make_unique<TablePrinter>();
}

}  // namespace warpstep::report
