// SPDX-License-Identifier: Apache-2.0
// The JSON report of `warpstep check`: configs/check.schema.json describes it.
#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/report/check_formats.hpp"
#include "runtime/report/check_subjects.hpp"
#include "runtime/report/json_values.hpp"

namespace warpstep::report {
namespace {

using nlohmann::ordered_json;

ordered_json index_or_null(int index) {
    return index < 0 ? ordered_json() : ordered_json(index);
}
// JSON has no NaN; null says "not measured".
ordered_json subject_json(const check::Subject& subject) {
    return {{"node", text_or_null(subject.node)},
            {"rank", index_or_null(subject.rank)},
            {"gpu_uuid", text_or_null(subject.gpu_uuid)},
            {"serial", text_or_null(subject.serial)},
            {"pci", text_or_null(subject.pci)}};
}

ordered_json subjects_json(const std::vector<check::Subject>& subjects) {
    ordered_json all = ordered_json::array();
    for (const auto& subject : subjects) all.push_back(subject_json(subject));
    return all;
}

ordered_json finding_json(const check::Finding& f) {
    return {{"rule", f.rule},
            {"severity", check::name_of(f.severity)},
            {"verdict", check::name_of(f.verdict)},
            {"subject", subject_json(f.subject)},
            {"count", f.count},
            {"subjects", subjects_json(f.subjects)},
            {"measured", text_or_null(f.measured)},
            {"expected", text_or_null(f.expected)},
            {"unit", text_or_null(f.unit)},
            {"evidence", f.evidence},
            {"fix", text_or_null(f.fix)},
            {"peers", text_or_null(f.peers)}};
}

ordered_json rank_json(const check::RankFacts& r) {
    ordered_json gpus;
    if (r.nvml_gpus) {
        gpus = ordered_json::array();
        for (const auto& gpu : *r.nvml_gpus) gpus.push_back(gpu.uuid);
    }
    return {{"rank", r.rank},
            {"local_rank", r.local_rank},
            {"node", r.node},
            {"pid", r.pid},
            {"started_by", r.started_by},
            {"cpus", r.cpus},
            {"memory_policy", text_or_null(r.memory_policy)},
            {"visible_gpus", gpus},
            {"driver", text_or_null(r.driver)},
            {"cuda_runtime", text_or_null(r.cuda_runtime)},
            {"nccl", text_or_null(r.nccl)},
            {"warpstep", text_or_null(r.warpstep)}};
}

ordered_json gpu_json(const Verdicts& verdicts, const check::NodeFacts& node,
                      const check::GpuFacts& gpu) {
    return {{"uuid", text_or_null(gpu.uuid)},
            {"serial", text_or_null(gpu.serial)},
            {"pci", gpu.pci},
            {"name", gpu.name},
            {"index", index_or_null(gpu.index)},
            {"numa", index_or_null(gpu.numa)},
            {"granted", gpu.granted},
            {"memory_bytes", gpu.memory_bytes},
            {"verdict", check::name_of(verdicts.on(node, gpu))}};
}

ordered_json node_json(const Verdicts& verdicts, const check::NodeFacts& node) {
    ordered_json gpus = ordered_json::array(), nics = ordered_json::array();
    for (const auto& gpu : node.gpus) gpus.push_back(gpu_json(verdicts, node, gpu));
    for (const auto& nic : node.nics) {
        nics.push_back({{"name", nic.name},
                        {"pci", nic.pci},
                        {"fabric", nic.fabric},
                        {"numa", index_or_null(nic.numa)},
                        {"state", nic.state}});
    }
    return {{"name", node.name},
            {"ranks", node.ranks},
            {"described", node.described},
            {"machine", node.machine},
            {"kernel", node.kernel},
            {"driver", text_or_null(node.driver)},
            {"verdict", check::name_of(verdicts.on(node))},
            {"gpus", gpus},
            {"nics", nics}};
}

ordered_json sample_json(const check::Sample& s) {
    ordered_json places = ordered_json::array(), repeats = ordered_json::array();
    for (const auto& place : s.places) places.push_back(subject_json(place));
    for (const double value : s.repeats) repeats.push_back(number(value));
    ordered_json state = ordered_json::object();
    for (const auto& [name, value] : s.state) state[name] = number(value);
    const bool measured = s.problem.empty();
    return {{"probe", s.probe},
            {"qualifier", text_or_null(s.qualifier)},
            {"places", places},
            {"model", text_or_null(s.model)},
            {"unit", s.unit},
            {"value", measured ? number(s.value) : ordered_json()},
            {"repeats", repeats},
            {"p99", measured && s.p99 > 0 ? number(s.p99) : ordered_json()},
            {"verified", s.verified},
            {"algorithm", text_or_null(s.algorithm)},
            {"state", state},
            {"checksum", text_or_null(s.checksum)},
            {"problem", text_or_null(s.problem)}};
}

ordered_json counts_json(const CheckReport& report) {
    ordered_json counts = ordered_json::object();
    for (const auto verdict : all_verdicts)
        counts[std::string(check::name_of(verdict))] = count_of(report.findings, verdict);
    return counts;
}

ordered_json versions_json(const CheckReport& report) {
    ordered_json versions{{"warpstep", report.warpstep},
                          {"slurm", nullptr},
                          {"driver", nullptr},
                          {"cuda_runtime", nullptr},
                          {"nccl", nullptr}};
    if (report.facts == nullptr) return versions;
    if (!report.facts->nodes.empty()) {
        versions["slurm"] = text_or_null(report.facts->nodes.front().slurm_version);
        versions["driver"] = text_or_null(report.facts->nodes.front().driver);
    }
    if (!report.facts->ranks.empty()) {
        versions["cuda_runtime"] = text_or_null(report.facts->ranks.front().cuda_runtime);
        versions["nccl"] = text_or_null(report.facts->ranks.front().nccl);
    }
    return versions;
}

}  // namespace

std::string check_json(const CheckReport& report) {
    ordered_json findings = ordered_json::array(), ranks = ordered_json::array();
    ordered_json nodes = ordered_json::array(), samples = ordered_json::array();
    for (const auto& finding : report.findings) findings.push_back(finding_json(finding));
    if (report.facts != nullptr) {
        const Verdicts verdicts(report.findings, report.decided);
        for (const auto& rank : report.facts->ranks) ranks.push_back(rank_json(rank));
        for (const auto& node : report.facts->nodes) nodes.push_back(node_json(verdicts, node));
        for (const auto& sample : report.facts->samples) samples.push_back(sample_json(sample));
    }
    const ordered_json silent =
        report.facts == nullptr ? ordered_json::array() : ordered_json(report.facts->silent_ranks);
    const ordered_json json = {{"schema", "warpstep.check/1"},
                               {"answer", report.answer},
                               {"level", check::name_of(report.level)},
                               {"exit_code", report.exit_code},
                               {"degraded_because", text_or_null(report.degraded_because)},
                               {"job", text_or_null(report.job)},
                               {"step", text_or_null(report.step)},
                               {"date", utc(report.date)},
                               {"seconds", number(report.seconds)},
                               {"versions", versions_json(report)},
                               {"counts", counts_json(report)},
                               {"findings", findings},
                               {"nodes", nodes},
                               {"ranks", ranks},
                               {"silent_ranks", silent},
                               {"samples", samples}};
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace warpstep::report
