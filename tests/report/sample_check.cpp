// SPDX-License-Identifier: Apache-2.0
#include "tests/report/sample_check.hpp"

#include <cmath>

#include "runtime/check/verdict.hpp"
#include "tests/check/healthy_step.hpp"

namespace warpstep::test {
namespace {

using namespace check;

constexpr const char* model = "NVIDIA H100 80GB HBM3";

report::CheckReport report_of(const Facts* facts, std::vector<Finding> findings,
                              const std::string& answer) {
    report::CheckReport report;
    report.answer = answer;
    report.findings = std::move(findings);
    report.facts = facts;
    report.level = Level::full;
    report.job = "48";
    report.step = "0";
    report.warpstep = "0.1.0";
    report.date = 1769860800;  // 2026-01-31T12:00:00Z
    report.seconds = 93.4;
    report.exit_code = static_cast<int>(exit_code_of(report.findings, false));
    return report;
}

Sample sample(const char* probe, const char* qualifier, const char* unit, double value,
              std::vector<Subject> places) {
    Sample s;
    s.probe = probe;
    s.qualifier = qualifier;
    s.unit = unit;
    s.places = std::move(places);
    s.model = model;
    s.value = value;
    s.repeats = {value, value, value};
    s.verified = true;
    s.state = {{"sm_mhz", 1980}, {"power_w", 640}, {"temperature_c", 58}, {"ecc_correctable", 0}};
    return s;
}

// Half a per cent of noise, the same in every run.
double noisy(double value, std::size_t seed) {
    return value * (1 + 0.005 * std::sin(2.3 * static_cast<double>(seed)));
}

void measure(Facts& facts) {
    facts.samples.clear();
    facts.floors = {{model, "triad", "", 2.68e12, "B/s", "80 % of the data sheet"},
                    {model, "gemm", "bf16", 643e12, "FLOP/s", "65 % of the data sheet"},
                    {model, "h2d", "", 45e9, "B/s", "PCIe 5.0 x16"},
                    {model, "all_reduce", "NVLS", 430e9, "B/s", "NVLink 4 with SHARP"}};
    std::size_t seed = 0;
    for (const NodeFacts& node : facts.nodes) {
        std::vector<Subject> group;
        for (const GpuFacts& gpu : node.gpus) {
            const auto local = static_cast<std::size_t>(gpu.index);
            const int rank = local < node.ranks.size() ? node.ranks[local] : -1;
            const Subject own{node.name, rank, gpu.uuid, gpu.serial, gpu.pci};
            group.push_back(own);
            ++seed;
            auto& all = facts.samples;
            all.push_back(sample("triad", "", "B/s", noisy(2.97e12, seed), {own}));
            all.push_back(sample("gemm", "bf16", "FLOP/s", noisy(743e12, seed + 40), {own}));
            all.push_back(sample("h2d", "near", "B/s", noisy(55e9, seed + 80), {own}));
            all.push_back(sample("d2h", "near", "B/s", noisy(54e9, seed + 120), {own}));
            all.push_back(sample("launch", "", "s", noisy(3.1e-6, seed + 160), {own}));
            all.push_back(sample("compute", "", "s", noisy(1.2e-3, seed + 200), {own}));
        }
        for (std::size_t i = 1; i < group.size(); ++i)
            facts.samples.push_back(
                sample("p2p", "", "B/s", noisy(395e9, seed + i), {group[i - 1], group[i]}));
        facts.samples.push_back(sample("all_reduce", "1 GiB", "B/s", noisy(478e9, seed), group));
        facts.samples.back().algorithm = "NVLS";
    }
}

}  // namespace

report::CheckReport small_check() {
    const Subject b{"n1", -1, "GPU-b", "16", "0000:1b:00.0"};
    const Subject c{"n2", -1, "GPU-c", "17", "0000:43:00.0"};
    std::vector<Finding> findings{
        {"remap-failed", Severity::error, Verdict::fail, b, "1", "0", "",
         "row remapping has failed", "drain the node and replace the GPU", ""},
        {"remap-failed", Severity::error, Verdict::fail, c, "1", "0", "",
         "row remapping has failed", "drain the node and replace the GPU", ""},
        {"cpus-few",
         Severity::warning,
         Verdict::warn,
         {"n1", 3, "", "", ""},
         "1",
         "14",
         "CPUs",
         "has 1 CPU of 14",
         "srun -c 28 --mpi=pmix train",
         "median 14 of 16"},
        {"clock-skew",
         Severity::information,
         Verdict::warn,
         {},
         "",
         "",
         "",
         "the clocks differ by 2 s",
         "chronyc tracking",
         ""},
        {"xid",
         Severity::error,
         Verdict::unknown,
         {"n1", -1, "", "", ""},
         "",
         "",
         "",
         "the kernel log is readable by root only",
         "run as root",
         ""},
        {"nvlink-down", Severity::error, Verdict::pass, b, "18", "18", "links", "18 of 18 links",
         "", ""},
        {"mig-empty", Severity::error, Verdict::skip, {}, "", "", "", "MIG is off", "", ""}};
    return report_of(nullptr, std::move(findings), "2 GPUs must be replaced.");
}

Facts healthy_check_facts() {
    Facts facts = healthy_step();
    measure(facts);
    return facts;
}

report::CheckReport healthy_check(const Facts& facts) {
    auto judgement = judge(facts, Level::full);
    auto report = report_of(&facts, std::move(judgement.findings),
                            "All 16 GPUs on 2 nodes are used, by one rank each; nothing is wrong.");
    report.decided = std::move(judgement.decided);
    return report;
}

Facts broken_check_facts() {
    Facts facts = healthy_check_facts();
    facts.nodes[1].gpus[3].health.remap_failed = true;
    facts.nodes[1].gpus[7].granted = false;
    for (RankFacts& rank : facts.ranks)
        if (rank.node == "n2") rank.env["SLURM_STEP_GPUS"] = "0-6";
    facts.nodes[0].nics[2].state = "DOWN";
    facts.ranks.pop_back();
    facts.silent_ranks = {15};
    facts.silence = "on n2, waited 60 s";
    for (Sample& s : facts.samples) {
        if (s.places[0].gpu_uuid == uuid_of("n1", 5) && s.places.size() == 1) {
            if (s.probe == "gemm") s.value *= 0.83;
            if (s.probe == "triad") s.value *= 0.87;
            if (s.probe == "compute") s.value *= 1.2;
            s.state = {{"sm_mhz", 1410}, {"power_w", 420}, {"temperature_c", 87}};
        }
        if (s.places[0].gpu_uuid == uuid_of("n2", 6) && s.probe == "h2d") {
            s.problem = "did not end within 20 s";
            s.value = std::nan("");
        }
    }
    return facts;
}

report::CheckReport broken_check(const Facts& facts) {
    auto judgement = judge(facts, Level::full);
    auto& findings = judgement.findings;
    const GpuFacts& slow = facts.nodes[0].gpus[5];
    findings.push_back({"sample-slow-gpu",
                        Severity::error,
                        Verdict::fail,
                        {"n1", 5, slow.uuid, slow.serial, slow.pci},
                        "617",
                        ">= 721",
                        "TFLOP/s",
                        "gemm reaches 617 TFLOP/s at 1410 MHz and 87 °C, 17 % below its peers",
                        "scontrol update NodeName=n1 State=DRAIN Reason=\"slow GPU 5\"",
                        "median 743 TFLOP/s of 16"});
    for (const NodeFacts& node : facts.nodes) {
        findings.push_back({"sample-xid",
                            Severity::error,
                            Verdict::unknown,
                            {node.name, -1, "", "", ""},
                            "",
                            "",
                            "",
                            "the kernel log is readable by root only",
                            "",
                            ""});
    }
    auto report =
        report_of(&facts, std::move(findings),
                  "15 of 16 GPUs are used; GPU 7 on n2 has no task, and GPU 5 on n1 is 17 % "
                  "slower than its peers: drain n1.");
    report.decided = std::move(judgement.decided);
    return report;
}

Facts awkward_check_facts() {
    Facts facts;
    NodeFacts node;
    node.name = "n<1>&\"'";
    GpuFacts gpu;
    gpu.uuid = "GPU-\"quoted\"\\";
    gpu.name = "<script>alert(1)</script>";
    gpu.pci = "0000:01:00.0";
    node.gpus.push_back(gpu);
    facts.nodes.push_back(node);
    facts.samples.push_back(
        sample("</title><b>", "\"", "B/s", 1e9, {{node.name, 0, gpu.uuid, "", gpu.pci}}));
    facts.samples.push_back(sample("nothing", "", "B/s", std::nan(""), {}));
    return facts;
}

report::CheckReport awkward_check(const Facts& facts) {
    const std::string text =
        "a \"quoted\", <marked> & back\\slashed | name\nof \x1b caf\xe9 </script>";
    std::vector<Finding> findings;
    for (const Verdict verdict :
         {Verdict::pass, Verdict::warn, Verdict::fail, Verdict::unknown, Verdict::skip}) {
        findings.push_back({"rule|" + text,
                            Severity::error,
                            verdict,
                            {facts.nodes[0].name, 1, facts.nodes[0].gpus[0].uuid, "", ""},
                            text,
                            text,
                            text,
                            text,
                            text,
                            text});
    }
    auto report = report_of(&facts, std::move(findings), text);
    report.degraded_because = text;
    return report;
}

}  // namespace warpstep::test
