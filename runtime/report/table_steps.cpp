// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/report/format_texts.hpp"
#include "runtime/report/table_parts.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::report {
namespace {

using execution::JudgedMetric;
using execution::JudgedStep;
using Align = TextTable::Align;
using Row = std::vector<std::string>;

// With more of them, columns would mostly be empty: they are told in one instead.
constexpr std::size_t most_number_columns = 4;

const JudgedMetric* find_metric(const JudgedStep& step, std::string_view name) {
    const auto it = std::find_if(step.metrics.begin(), step.metrics.end(),
                                 [&](const JudgedMetric& metric) { return metric.name == name; });
    return it == step.metrics.end() ? nullptr : &*it;
}

// Empty where the step has no such rate.
std::string show_rate(const JudgedStep& step, std::string_view name) {
    const JudgedMetric* metric = find_metric(step, name);
    if (metric == nullptr) return step.missing.count(std::string(name)) > 0 ? "n/a" : "";
    return name == "flops" ? show_flops_per_second(metric->median)
                           : show_bytes_per_second(metric->median);
}

// "n/a: busbw (one member sends nothing over a link)", a line for each reason.
std::string missing_text(const std::vector<JudgedStep>& steps) {
    std::vector<std::pair<std::string, std::set<std::string>>> reasons;
    for (const JudgedStep& step : steps) {
        for (const auto& missing : step.missing) {
            auto it = std::find_if(reasons.begin(), reasons.end(), [&](const auto& reason) {
                return reason.first == missing.second;
            });
            if (it == reasons.end()) it = reasons.insert(it, {missing.second, {}});
            it->second.insert(missing.first);
        }
    }
    std::string text;
    for (const auto& [why, names] : reasons)
        text += fmt::format("n/a: {} ({})\n", fmt::join(names, ", "), why);
    return text;
}

// Numbers carry no unit; these are durations of a graph.
bool is_duration(const std::string& number) {
    return number == "critical_path" || number == "serial_time" || number == "time_per_kernel";
}

std::string show_number(const std::string& name, double value) {
    if (is_duration(name)) return show_seconds(value);
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : "n/a";
}

// Numbers that get a column each: few, and known to more than one step.
Row number_columns(const std::vector<JudgedStep>& steps) {
    std::set<std::string> names;
    std::size_t having = 0;
    for (const auto& step : steps) {
        if (!step.numbers.empty()) ++having;
        for (const auto& [name, value] : step.numbers) names.insert(name);
    }
    if (having < 2 || names.size() > most_number_columns) return {};
    return {names.begin(), names.end()};
}

class StepTable {
  public:
    explicit StepTable(const Report& report)
        : steps_(report.judgement.steps),
          alone_(report.ranks.size() == 1),
          axes_(matrix_axes(steps_)),
          numbers_(number_columns(steps_)) {}

    std::string operator()(bool colours) const {
        TextTable table(columns());
        for (const auto& step : steps_) table.add(row_of(step));
        return table.text(colours) + missing_text(steps_);
    }

  private:
    std::vector<TextTable::Column> columns() const {
        std::vector<TextTable::Column> all{{"step"}};
        for (const auto& axis : axes_) all.push_back({axis, Align::right});
        all.insert(all.end(), {{"run"},
                               {"runs", Align::right},
                               {"time", Align::right},
                               {alone_ ? "min" : "fastest rank", Align::right},
                               {alone_ ? "max" : "slowest rank", Align::right},
                               {"bandwidth", Align::right},
                               {"FLOP/s", Align::right},
                               {"algbw", Align::right},
                               {"busbw", Align::right}});
        for (const auto& number : numbers_) all.push_back({number, Align::right});
        all.push_back({"result"});
        return all;
    }

    // With several ranks: median, fastest and slowest of the ranks' medians; with one: of its own
    // samples.
    Row times_of(const JudgedStep& step) const {
        if (step.ranks == 0) return {"not run", "", ""};
        const JudgedMetric* time = find_metric(step, "time");
        if (time == nullptr) return {step.missing.count("time") > 0 ? "n/a" : "", "", ""};
        if (alone_) {
            return {show_seconds(time->first.median), show_seconds(time->first.min),
                    show_seconds(time->first.max)};
        }
        return {show_seconds(time->median), show_seconds(time->min),
                show_seconds(time->max) + fmt::format(" (rank {})", time->slowest_rank)};
    }

    Row row_of(const JudgedStep& step) const {
        const StepName name = split_step_name(step.name);
        Row row{shortened(name.base)};
        for (const auto& axis : axes_) {
            const auto it = std::find_if(name.params.begin(), name.params.end(),
                                         [&](const auto& param) { return param.first == axis; });
            row.push_back(it == name.params.end() ? "" : it->second);
        }
        row.insert(row.end(), {step.run, step.launches > 0 ? std::to_string(step.launches) : ""});
        const Row times = times_of(step);
        row.insert(row.end(), times.begin(), times.end());
        for (const auto* rate : {"bandwidth", "flops", "algbw", "busbw"})
            row.push_back(show_rate(step, rate));
        add_numbers(step, row);
        return row;
    }

    void add_numbers(const JudgedStep& step, Row& row) const {
        for (const auto& number : numbers_) {
            const auto it = step.numbers.find(number);
            row.push_back(it == step.numbers.end() ? "" : show_number(number, it->second));
        }
        Row pairs;
        for (const auto& [name, value] : step.numbers) {
            pairs.push_back(name + " " + show_number(name, value));
        }
        row.push_back(numbers_.empty() ? join(pairs, "  ") : "");
    }

    const std::vector<JudgedStep>& steps_;
    bool alone_;
    Row axes_, numbers_;
};

}  // namespace

std::string step_table(const Report& report, bool colours) {
    return StepTable(report)(colours);
}

}  // namespace warpstep::report
