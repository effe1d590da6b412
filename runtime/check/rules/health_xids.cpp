// SPDX-License-Identifier: Apache-2.0
// What the driver wrote to the kernel log about each GPU since boot.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/check/rules/gpus.hpp"
#include "runtime/check/rules/health.hpp"
#include "runtime/check/rules/together.hpp"
#include "runtime/check/rules/xid_catalog.hpp"

namespace warpstep::check::health {
namespace {

constexpr double incident_gap_s = 600;  ///< one fault logs many lines: what follows within is of it
constexpr int repeated_incidents = 3;   ///< from here on a GPU is suspected, not its programs

/// How often each code of these kinds stands in the log.
std::map<int, int> counts_of(const GpuFacts& gpu, XidKind kind) {
    std::map<int, int> counts;
    for (const int code : *gpu.health.xids) {
        const Xid* xid = find_xid(code);
        if (xid != nullptr && xid->kind == kind) ++counts[code];
    }
    return counts;
}

/// "79 (the GPU has fallen off the bus), 13 four times"
std::string shown(const std::map<int, int>& counts) {
    std::vector<std::string> texts;
    for (const auto& [code, count] : counts) {
        texts.push_back(fmt::format("{}{} ({})", code, count > 1 ? fmt::format(" x {}", count) : "",
                                    find_xid(code)->meaning));
    }
    return show_names(texts);
}

std::string codes(const std::map<int, int>& counts) {
    std::vector<std::string> texts;
    for (const auto& [code, count] : counts) texts.push_back(std::to_string(code));
    return show_names(texts);
}

std::string actions(const std::map<int, int>& counts) {
    std::vector<std::string> texts;
    for (const auto& [code, count] : counts)
        texts.push_back(fmt::format("Xid {}: {}", code, find_xid(code)->action));
    return show_names(texts);
}

/// The log was read; else UNKNOWN is written.
bool log_tells(const JudgedGpu& it, Tally& tally) {
    if (it.gpu->health.xids) return true;
    tally.unknown(it.subject(),
                  "the kernel log could not be read; run this check as root, or allow it: sysctl "
                  "kernel.dmesg_restrict=0");
    return false;
}

void judge_hardware(const Facts& facts, Judge& judge) {
    for_each_gpu(facts, judge, [](const JudgedGpu& it, Tally& tally) {
        if (!log_tells(it, tally)) return;
        const auto failed = counts_of(*it.gpu, XidKind::hardware);
        const auto watched = counts_of(*it.gpu, XidKind::watched);
        if (!failed.empty()) {
            tally.fire(it.subject(), "Xid " + codes(failed) + " since boot",
                       "the kernel log holds Xid " + shown(failed) + " since boot",
                       {codes(failed), "none", "Xid"},
                       fmt::format("scontrol update nodename={} state=drain reason=\"Xid {}\"; {}",
                                   it.node->name, codes(failed), actions(failed)));
        } else if (!watched.empty()) {
            tally.warn(it.subject(), "Xid " + codes(watched) + " since boot",
                       "the kernel log holds Xid " + shown(watched) + " since boot",
                       {codes(watched), "none", "Xid"}, actions(watched));
        } else {
            tally.pass(it.subject(), "the kernel log holds no Xid of the hardware since boot");
        }
    });
}

/// Faults of programs that lie apart in time; 0 or 1 when the log's times are not told.
int incidents_of(const GpuFacts& gpu) {
    const auto& codes = *gpu.health.xids;
    const auto& times = gpu.health.xid_times_s;
    if (!times || times->size() != codes.size())
        return !counts_of(gpu, XidKind::application).empty();
    std::vector<double> moments;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const Xid* xid = find_xid(codes[i]);
        if (xid != nullptr && xid->kind == XidKind::application) moments.push_back((*times)[i]);
    }
    std::sort(moments.begin(), moments.end());
    int incidents = 0;
    for (std::size_t i = 0; i < moments.size(); ++i)
        incidents += i == 0 || moments[i] - moments[i - 1] > incident_gap_s;
    return incidents;
}

/// The others on the node met no such series, though they ran programs, too.
bool others_are_quiet(const JudgedGpu& it) {
    int others = 0;
    for (const GpuFacts& other : it.node->gpus) {
        if (other.uuid == it.gpu->uuid || !other.health.xids) continue;
        ++others;
        if (incidents_of(other) * 2 >= repeated_incidents) return false;
    }
    return others > 0;
}

void judge_application(const Facts& facts, Judge& judge) {
    for_each_gpu(facts, judge, [](const JudgedGpu& it, Tally& tally) {
        if (!log_tells(it, tally)) return;
        const auto found = counts_of(*it.gpu, XidKind::application);
        const int incidents = incidents_of(*it.gpu);
        const std::string evidence = "the kernel log holds Xid " + shown(found) + " since boot";
        if (found.empty()) {
            tally.pass(it.subject(), "the kernel log holds no Xid of programs since boot");
        } else if (incidents >= repeated_incidents && others_are_quiet(it)) {
            tally.fail(it.subject(), "faults of programs come back on the same GPU",
                       fmt::format("{}, in {} incidents at least {:.0f} min apart, and the node's "
                                   "other GPUs have no such series",
                                   evidence, incidents, incident_gap_s / 60),
                       {std::to_string(incidents), "0", "incidents"},
                       fmt::format("run the same program on other GPUs (sbatch --exclude={}); when "
                                   "it works there: scontrol update nodename={} state=drain "
                                   "reason=\"program faults repeat on {}\"",
                                   it.node->name, it.node->name, it.gpu->uuid));
        } else {
            tally.fire(it.subject(), "faults of programs since boot", evidence,
                       {codes(found), "none", "Xid"});
        }
    });
}

}  // namespace

std::vector<Rule> xids() {
    return {
        {"xid-hardware", "GPU health", Severity::error, Privilege::root, Level::quick,
         "Programs end on one GPU with 'unspecified launch failure', 'uncorrectable ECC error' or "
         "'GPU is lost', or hang.",
         "The driver logged an Xid that its catalogue ascribes to the GPU, its links, its power or "
         "its firmware. What was contained or repaired is a warning.",
         "The Xid codes of each GPU in the kernel log since boot, against NVIDIA's catalogue.",
         "drain the node and do what the catalogue says for the code", judge_hardware},
        {"xid-application", "GPU health", Severity::information, Privilege::root, Level::quick,
         "A program ended with 'an illegal memory access' or a page fault.",
         "A kernel wrote where it must not, or its channels were cleaned up after that. When it "
         "comes back on one GPU and on no other, the GPU is suspected and the finding an error.",
         "The Xid codes of programs (8, 11, 13, 31, 32, 43, 45, 69, 137) of each GPU since boot; "
         "series in time against the node's other GPUs.",
         "run the program once under compute-sanitizer", judge_application},
    };
}

}  // namespace warpstep::check::health
