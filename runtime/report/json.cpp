// SPDX-License-Identifier: Apache-2.0
// The JSON report, version 1: docs/report.md describes it.
#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/report/file_printer.hpp"
#include "runtime/report/format_texts.hpp"
#include "runtime/report/json_values.hpp"

namespace warpstep::report {
namespace {

using nlohmann::ordered_json;

// JSON has no NaN; null says "not measured".
ordered_json rank_json(const execution::RankPlace& place) {
    ordered_json gpu;
    if (!place.gpu_pci.empty()) {
        gpu = {{"pci", place.gpu_pci}, {"uuid", text_or_null(place.gpu_uuid)}};
    }
    return {{"rank", place.rank},
            {"local_rank", place.local_rank},
            {"node", place.node_name},
            {"device", place.device},
            {"gpu", gpu},
            {"cpus", place.cpus},
            {"numa", place.numa},
            {"memory_policy", place.memory_policy},
            {"simulated", place.simulated},
            {"notes", place.notes}};
}

// As columns: a step of 1,024 ranks has as many of each.
ordered_json by_rank_json(const std::vector<execution::RankStatistics>& ranks) {
    ordered_json rank = ordered_json::array(), median = rank, p99 = rank;
    for (const auto& one : ranks) {
        rank.push_back(one.rank);
        median.push_back(number(one.statistics.median));
        p99.push_back(number(one.statistics.p99));
    }
    return {{"rank", rank}, {"median", median}, {"p99", p99}};
}

ordered_json conditions_json(const std::map<int, execution::Conditions>& ranks) {
    ordered_json all = ordered_json::array();
    for (const auto& [rank, conditions] : ranks) {
        ordered_json one = {{"rank", rank}};
        for (const auto& [name, value] : conditions) one[name] = number(value);
        all.push_back(one);
    }
    return all;
}

ordered_json step_json(const execution::JudgedStep& step, const execution::Judgement& judgement) {
    ordered_json metrics = ordered_json::object();
    for (const auto& metric : step.metrics) {
        metrics[metric.name] = {
            {"unit", unit_name(metric.unit)},     {"median", number(metric.median)},
            {"min", number(metric.min)},          {"max", number(metric.max)},
            {"p99", number(metric.first.p99)},    {"stddev", number(metric.first.stddev)},
            {"slowest_rank", metric.slowest_rank}};
        if (metric.by_rank.size() > 1) {
            metrics[metric.name]["by_rank"] = by_rank_json(metric.by_rank);
        }
    }
    ordered_json numbers = ordered_json::object();
    for (const auto& [name, value] : step.numbers) numbers[name] = number(value);
    ordered_json verify = ordered_json::array();
    for (const auto& v : judgement.verify) {
        if (v.step != step.name) continue;
        verify.push_back({{"buffer", v.buffer},
                          {"rule", v.rule},
                          {"verdict", execution::name_of(v.verdict)},
                          {"worst_ulp", number(v.worst_ulp)},
                          {"detail", text_or_null(v.detail)}});
    }
    ordered_json json = {{"name", step.name},   {"run", text_or_null(step.run)},
                         {"ranks", step.ranks}, {"launches", step.launches},
                         {"metrics", metrics},  {"numbers", numbers},
                         {"verify", verify}};
    for (const auto& [name, why] : step.missing) json["missing"][name] = why;
    if (!step.conditions.empty()) json["conditions"] = conditions_json(step.conditions);
    return json;
}

ordered_json versions_json(const Versions& versions) {
    return {{"warpstep", versions.warpstep},
            {"pmix", text_or_null(versions.pmix)},
            {"hwloc", text_or_null(versions.hwloc)},
            {"cuda_driver", text_or_null(versions.cuda_driver)},
            {"cuda_runtime", text_or_null(versions.cuda_runtime)},
            {"nccl", text_or_null(versions.nccl)}};
}

}  // namespace

std::string to_json(const Report& report) {
    ordered_json ranks = ordered_json::array();
    for (const auto& place : report.ranks) ranks.push_back(rank_json(place));
    ordered_json steps = ordered_json::array();
    for (const auto& step : report.judgement.steps)
        steps.push_back(step_json(step, report.judgement));
    ordered_json expectations = ordered_json::array();
    for (const auto& e : report.judgement.expectations) {
        expectations.push_back({{"step", text_or_null(e.step)},
                                {"that", e.that},
                                {"verdict", execution::name_of(e.verdict)},
                                {"value", text_or_null(e.value)},
                                {"where", text_or_null(e.where)}});
    }
    const ordered_json json = {
        {"version", 1},
        {"workload", report.workload},
        {"path", report.path},
        {"hash", report.hash},
        {"device", report.device},
        {"communicator", report.communicator},
        {"verdict", verdict_of(report)},
        {"exit_code", static_cast<int>(report.exit_code)},
        {"failure", report.failure ? ordered_json(*report.failure) : ordered_json()},
        {"job", text_or_null(report.job)},
        {"step", text_or_null(report.step)},
        {"nodes", report.nodes},
        {"versions", versions_json(report.versions)},
        {"start_seconds", number(report.start_seconds)},
        {"run_seconds", number(report.run_seconds)},
        {"ranks", ranks},
        {"steps", steps},
        {"expectations", expectations},
        {"values", report.values}};
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::unique_ptr<Printer> json_printer(const std::string& path) {
    return std::make_unique<FilePrinter>(path, to_json);
}

}  // namespace warpstep::report
