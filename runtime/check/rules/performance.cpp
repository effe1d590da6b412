// SPDX-License-Identifier: Apache-2.0
// Measured rates against peers, floors and baselines.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/text.hpp"
#include "runtime/check/bisect.hpp"
#include "runtime/check/rules.hpp"
#include "runtime/check/rules/correctness.hpp"
#include "runtime/check/rules/rates.hpp"
#include "runtime/check/rules/stragglers.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::families {
namespace {

using rates::judge;

void hbm(const Facts& facts, Judge& writer) {
    judge(facts, "triad", writer);
}
void gemm(const Facts& facts, Judge& writer) {
    judge(facts, "gemm", writer);
}
void h2d(const Facts& facts, Judge& writer) {
    judge(facts, "h2d", writer);
}
void d2h(const Facts& facts, Judge& writer) {
    judge(facts, "d2h", writer);
}
void all_reduce(const Facts& facts, Judge& writer) {
    judge(facts, "all_reduce", writer);
}

std::string end_of(const Sample& sample, std::size_t index, bool nodes) {
    const Subject& place = sample.places[index];
    return nodes || place.gpu_uuid.empty() ? place.node : place.gpu_uuid + " on " + place.node;
}

/// Which end the bad pairs have in common.
Blame blame_of(const Facts& facts, const std::string& probe, bool nodes, const Rule& rule) {
    Judgement found;
    Judge inner(rule, found);
    judge(facts, probe, inner);
    std::vector<Pair> all;
    for (const Sample& sample : facts.samples) {
        if (sample.probe != probe || sample.places.size() < 2) continue;
        const std::string begin = rates::name_of(sample) + " ";
        const bool bad =
            std::any_of(found.findings.begin(), found.findings.end(), [&](const Finding& finding) {
                return finding.verdict == Verdict::fail && finding.evidence.starts_with(begin);
            });
        all.push_back(
            {end_of(sample, 0, nodes), end_of(sample, sample.places.size() - 1, nodes), bad});
    }
    // When all pairs are slow, no end of them is to blame.
    const bool all_bad = std::all_of(all.begin(), all.end(), [](const Pair& p) { return p.bad; });
    return all_bad ? Blame{} : blame_for(all);
}

void pairs(const Facts& facts, const std::string& probe, bool nodes, Judge& writer) {
    const Blame blame = blame_of(facts, probe, nodes, writer.rule());
    judge(facts, probe, writer, [&](const Sample& sample) -> std::string {
        std::vector<std::string> who;
        for (const std::string& member : blame.members) {
            if (end_of(sample, 0, nodes) == member ||
                end_of(sample, sample.places.size() - 1, nodes) == member)
                who.push_back(member);
        }
        if (who.empty()) return "";
        return fmt::format("most pairs with {} are slow, so start there; {}", join(who, " and "),
                           writer.rule().fix);
    });
}

void p2p(const Facts& facts, Judge& writer) {
    pairs(facts, "p2p", false, writer);
}
void net_pair(const Facts& facts, Judge& writer) {
    pairs(facts, "net_pair", true, writer);
}

constexpr double drift = 0.03;

void drifted(const Facts& facts, Judge& writer) {
    if (facts.baseline.empty()) {
        writer.skip("no baseline (check --baseline FILE)");
        return;
    }
    int compared = 0;
    for (const Sample& sample : facts.samples) {
        if (sample.places.size() != 1 || !sample.verified || sample.unit == "s" ||
            !(sample.value > 0))
            continue;
        const auto before = std::find_if(
            facts.baseline.begin(), facts.baseline.end(), [&](const BaselineEntry& entry) {
                return entry.gpu_uuid == sample.places[0].gpu_uuid && entry.probe == sample.probe &&
                       entry.qualifier == sample.qualifier;
            });
        if (before == facts.baseline.end() || !(before->value > 0)) continue;
        ++compared;
        if (!(sample.value < before->value * (1 - drift))) {
            writer.pass(rates::subject_of(sample), "within 3 % of its baseline");
            continue;
        }
        writer.fire(rates::subject_of(sample),
                    fmt::format("reaches {} in {}{}, {:.1f} % below its own baseline of {} ({}, "
                                "driver {})",
                                rates::show_value(sample.value, sample.unit), sample.probe,
                                rates::conditions(sample), 100 * (1 - sample.value / before->value),
                                rates::show_value(before->value, sample.unit), before->date,
                                before->driver.empty() ? "unknown" : before->driver),
                    {fmt::format("{:.6g}", sample.value), fmt::format("{:.6g}", before->value),
                     sample.unit, ""});
    }
    if (compared == 0) writer.skip("the baseline knows none of these GPUs");
}

void failed(const Facts& facts, Judge& writer) {
    if (facts.samples.empty()) {
        writer.skip("nothing was measured");
        return;
    }
    for (const Sample& sample : facts.samples) {
        if (sample.problem.empty()) continue;
        writer.fire(rates::subject_of(sample), fmt::format("the probe {} on {}: {}", sample.probe,
                                                           rates::name_of(sample), sample.problem));
    }
    writer.pass_if_silent(fmt::format("all {} measurements ended", facts.samples.size()));
}

constexpr char family[] = "Performance";

}  // namespace

std::vector<Rule> performance() {
    return {
        {"perf-hbm", family, Severity::error, Privilege::user, Level::standard,
         "one GPU holds all others back, or all are slower than they should be",
         "A worn or throttled memory, an ECC page that is remapped, a neighbour's job.",
         "STREAM triad of every GPU against the outlier line of its peers and the floor of its "
         "model",
         "drain the node and run warpstep check --level full; compare with throttle-hardware and "
         "ecc-* first",
         over_gpu_states(hbm)},
        {"perf-gemm", family, Severity::error, Privilege::user, Level::standard,
         "training steps take longer on one GPU",
         "A power cap, locked clocks, heat, or a defective GPU.",
         "matrix product of every GPU against its peers and the floor of its model, with clock, "
         "power and temperature beside it",
         "look at power-capped, clocks-locked and throttle-hardware first; then drain the node and "
         "run warpstep check --level full",
         over_gpu_states(gemm)},
        {"perf-h2d", family, Severity::error, Privilege::user, Level::standard,
         "the input pipeline cannot keep a GPU busy",
         "A narrow or slow PCIe link, or a task whose cores and memory are far from its GPU.",
         "pinned copies to every GPU against its peers and the floor of its model",
         "look at pcie-width, pcie-gen and cpu-far-from-gpu first; then reseat the card",
         over_gpu_states(h2d)},
        {"perf-d2h", family, Severity::error, Privilege::user, Level::standard,
         "checkpoints and results leave a GPU slowly",
         "A narrow or slow PCIe link, or a task whose cores and memory are far from its GPU.",
         "pinned copies from every GPU against its peers and the floor of its model",
         "look at pcie-width, pcie-gen and cpu-far-from-gpu first; then reseat the card",
         over_gpu_states(d2h)},
        {"perf-p2p", family, Severity::error, Privilege::user, Level::standard,
         "collectives inside a node are slow",
         "A GPU whose NVLink is down or degraded, or a pair that goes through the CPU.",
         "every pair of a ring over the GPUs of a node against all pairs and the floor of their "
         "model",
         "look at nvlink-down and fabric-not-ready; nvidia-smi topo -m; reset or reseat the GPU",
         over_ranks(p2p)},
        {"perf-allreduce", family, Severity::error, Privilege::user, Level::standard,
         "gradients take longer than the work",
         "NVLink SHARP is off, a link is down, or the network is the bottleneck.",
         "bus bandwidth of a large all_reduce; eight GPUs of a node against the floor of the "
         "algorithm that NCCL used",
         "look at fabric-not-ready, nvlink-down and net-socket-fallback; NCCL_DEBUG=INFO shows the "
         "algorithm",
         over_ranks(all_reduce)},
        {"perf-net-pair", family, Severity::error, Privilege::user, Level::full,
         "a job over many nodes is slower than its nodes",
         "One node's adapter, cable or switch port.",
         "every pair of nodes against all pairs; the node that all bad pairs have in common",
         "look at net-port on that node; replace the cable, then the switch port",
         over_nodes(net_pair)},
        {"perf-straggler", family, Severity::warning, Privilege::user, Level::standard,
         "all ranks wait in collectives, and nobody knows for whom",
         "One rank works longer than the others. In a collective the slow rank waits least, so the "
         "time spent there names its victims.",
         "each rank's own compute time and its wait in the collective after it, in at least three "
         "windows",
         "run warpstep check --level full on its node; take the node out of the job with "
         "--exclude",
         over_ranks(straggles)},
        {"perf-jitter", family, Severity::warning, Privilege::user, Level::standard,
         "times vary from step to step",
         "Another tenant, a CPU frequency governor, tracing tools, or cores shared with others.",
         "99th percentile against the median of a fixed kernel, and of launches against the peers",
         "look at cpu-overlap, cpu-governor and gpu-busy", over_gpu_states(jitters)},
        {"perf-drift", family, Severity::warning, Privilege::user, Level::standard,
         "a GPU is slower than it was",
         "A driver, a firmware, a power limit or the GPU itself has changed.",
         "each measurement against the same GPU's in the baseline, 3 %",
         "compare driver, clocks and power limit of both days; then drain and run the full level",
         over_gpu_states(drifted)},
        {"probe-failed", family, Severity::error, Privilege::user, Level::standard,
         "a measurement did not end, or ended with an error",
         "A GPU or driver that hangs, too little memory, or a rank that has died.",
         "every measurement runs in a child process with a deadline",
         "look at driver-hang, gpu-busy and the line above; nvidia-smi on that node; drain it when "
         "it hangs again",
         over_gpus(failed)},
        {"sdc-self", family, Severity::error, Privilege::user, Level::full,
         "results differ from run to run",
         "The GPU computes wrong now and then: silent data corruption.",
         "every product of a burn is compared with the first, bit by bit",
         "take the GPU out of service; keep this report as evidence for its replacement",
         over_gpu_states(wrong_now)},
        {"sdc-cross", family, Severity::error, Privilege::user, Level::full,
         "one GPU's results differ from all others', every time",
         "The GPU computes wrong always, which a comparison with itself cannot see.",
         "checksums of the same product on all GPUs of a model against the majority",
         "take the GPU out of service; keep this report as evidence for its replacement",
         over_gpu_states(wrong_always)},
        {"memtest-errors", family, Severity::error, Privilege::user, Level::full,
         "wrong bits in the GPU's memory",
         "A defective memory cell that ECC does not catch or is not there to catch.",
         "patterns of a memory test, read back and compared",
         "drain the node, reset the GPU and test again; replace it when it returns",
         over_gpu_states(memory_errors)},
        {"burn-slow", family, Severity::warning, Privilege::user, Level::full,
         "a GPU slows down under load", "Heat, or a power supply that gives in.",
         "the rate at the end of the burn against its beginning, and what the clocks did",
         "look at throttle-hardware and temperature-near-slowdown; check fans, airflow and cables",
         over_gpu_states(slows_down)},
    };
}

}  // namespace warpstep::check::families
