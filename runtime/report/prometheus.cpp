// SPDX-License-Identifier: Apache-2.0
// The text format of Prometheus, for the textfile collector of node_exporter. Source:
// prometheus.io/docs/instrumenting/exposition_formats, "Text-based format", and the naming rules
// beside it: base units, one unit per name.
#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "runtime/report/exposition.hpp"
#include "runtime/report/file_printer.hpp"
#include "runtime/report/format_texts.hpp"

namespace warpstep::report {
namespace {

/// "step_time_seconds", "step_bandwidth_bytes_per_second", "step_flops_per_second".
std::string name_of(const execution::JudgedMetric& metric) {
    const auto unit = unit_name(metric.unit);
    std::string name = "warpstep_step_" + metric.name;
    for (char& c : name) {
        const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!allowed) c = '_';
    }
    if (unit == "s") return name + "_seconds";
    if (unit == "B") return name + "_bytes";
    if (unit == "B/s") return name + "_bytes_per_second";
    if (unit == "FLOP/s")
        return name.ends_with("flops") ? name + "_per_second" : name + "_flops_per_second";
    return name;
}

class Exposition {
  public:
    explicit Exposition(const Report& report) : report_(report) {}

    std::string operator()() {
        add_run();
        add_checks();
        for (const auto& step : report_.judgement.steps) add(step);
        std::string text;
        for (const auto& family : families_) text += family.text();
        return text;
    }

  private:
    Family& family(const std::string& name, const std::string& help) {
        const auto it = std::find_if(families_.begin(), families_.end(),
                                     [&](const Family& f) { return f.name() == name; });
        return it != families_.end() ? *it : families_.emplace_back(name, help);
    }

    void add_run() {
        const Labels labels{{"workload", report_.workload}};
        Family& verdict = family("warpstep_verdict", "1 for the verdict of the last run.");
        for (const auto name : verdict_names) {
            if (name == "failed (allowed)" || name == "skipped") continue;  // of checks only
            verdict.add({{"workload", report_.workload}, {"verdict", std::string(name)}},
                        name == verdict_of(report_) ? 1 : 0);
        }
        family("warpstep_exit_code", "Exit code that all ranks agreed on.")
            .add(labels, static_cast<int>(report_.exit_code));
        family("warpstep_info", "What ran, as labels; always 1.")
            .add({{"workload", report_.workload},
                  {"device", report_.device},
                  {"communicator", report_.communicator},
                  {"job", report_.job},
                  {"hash", report_.hash},
                  {"version", report_.versions.warpstep}},
                 1);
        if (report_.failure) return;
        family("warpstep_ranks", "Ranks of the run.")
            .add(labels, static_cast<double>(report_.ranks.size()));
        family("warpstep_nodes", "Nodes of the run.").add(labels, report_.nodes);
        family("warpstep_start_duration_seconds",
               "From the start of rank 0's process to the first step.")
            .add(labels, report_.start_seconds);
        family("warpstep_run_duration_seconds", "Duration of all steps.")
            .add(labels, report_.run_seconds);
    }

    void add_checks() {
        if (report_.failure) return;
        for (const auto name : verdict_names) {
            if (name == "no verdict") continue;  // of runs only
            const auto is_one = [&](const auto& check) {
                return execution::name_of(check.verdict) == name;
            };
            const auto& verify = report_.judgement.verify;
            const auto& expect = report_.judgement.expectations;
            family("warpstep_checks", "Verify rules and expectations by verdict.")
                .add({{"workload", report_.workload}, {"verdict", std::string(name)}},
                     static_cast<double>(std::count_if(verify.begin(), verify.end(), is_one) +
                                         std::count_if(expect.begin(), expect.end(), is_one)));
        }
    }

    void add(const execution::JudgedStep& step) {
        const auto labels = [&](std::string_view name, std::string value) {
            return Labels{{"workload", report_.workload}, {"step", step.name}, {name, value}};
        };
        const Labels own{{"workload", report_.workload}, {"step", step.name}};
        family("warpstep_step_ranks", "Ranks that ran the step.").add(own, step.ranks);
        family("warpstep_step_launches", "Launches on each of them.")
            .add(own, static_cast<double>(step.launches));
        for (const auto& metric : step.metrics) {
            Family& of_metric = family(name_of(metric),
                                       "Per launch; median, min and max over the "
                                       "ranks' medians, p99 and stddev of the "
                                       "first rank.");
            of_metric.add(labels("stat", "median"), metric.median);
            of_metric.add(labels("stat", "min"), metric.min);
            of_metric.add(labels("stat", "max"), metric.max);
            of_metric.add(labels("stat", "p99"), metric.first.p99);
            of_metric.add(labels("stat", "stddev"), metric.first.stddev);
        }
        for (const auto& [name, value] : step.numbers) {
            family("warpstep_step_number", "What the operation itself found, such as mse.")
                .add(labels("name", name), value);
        }
    }

    const Report& report_;
    std::deque<Family> families_;  // references to its elements last
};

}  // namespace

std::string to_prometheus(const Report& report) {
    return Exposition(report)();
}

std::unique_ptr<Printer> prometheus_printer(const std::string& path) {
    return std::make_unique<FilePrinter>(path, to_prometheus);
}

}  // namespace warpstep::report
