// SPDX-License-Identifier: Apache-2.0
// What the driver wrote to the kernel log about each GPU since boot.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "runtime/base/text.hpp"
#include "runtime/check/rules/health.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/check/rules/xid_catalog.hpp"
#include "runtime/check/rules/xid_events.hpp"

namespace warpstep::check::health {
namespace {

constexpr double incident_gap_s = 600;  ///< one fault logs many lines: what follows within is of it
constexpr int repeated_incidents = 3;   ///< from here on a GPU is suspected, not its programs

using JudgedXids = std::vector<JudgedXid>;

JudgedXids of(const JudgedXids& all, XidVerdict verdict) {
    JudgedXids some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [&](const JudgedXid& xid) { return xid.verdict == verdict; });
    return some;
}

/// "79 (the GPU has fallen off the bus), 13 x 4 (an exception in a kernel)"
std::string shown(const JudgedXids& xids) {
    std::vector<std::string> texts;
    for (const JudgedXid& xid : xids) {
        const std::string count = xid.count > 1 ? fmt::format(" x {}", xid.count) : "";
        texts.push_back(fmt::format("{}{} ({})", xid.code, count, xid.meaning));
    }
    return show_names(texts);
}

std::string codes(const JudgedXids& xids) {
    std::vector<std::string> texts;
    for (const JudgedXid& xid : xids) texts.push_back(std::to_string(xid.code));
    return show_names(texts);
}

std::string actions(const JudgedXids& xids) {
    std::vector<std::string> texts;
    for (const JudgedXid& xid : xids)
        texts.push_back(fmt::format("Xid {}: {}", xid.code, xid.action));
    return join(texts, "; ");
}

/// With the kernel's words. `also` is of less weight than `xids`.
std::string evidence(const JudgedXids& xids, const JudgedXids& also = {}) {
    std::string text = fmt::format("the kernel log holds Xid {} since boot", shown(xids));
    if (!also.empty()) text += fmt::format(", and Xid {}", shown(also));
    std::vector<std::string> lines;
    for (const JudgedXids* some : {&xids, &also}) {
        for (const JudgedXid& xid : *some)
            if (!xid.line.empty()) lines.push_back("\"" + xid.line + "\"");
    }
    return lines.empty() ? text : text + ": " + show_names(lines);
}

/// The log was read; else UNKNOWN is written.
bool log_tells(const JudgedGpu& it, Judge& judge) {
    if (it.gpu->health.xids) return true;
    judge.unknown(it.subject(),
                  "the kernel log could not be read; run this check as root, or allow it: sysctl "
                  "kernel.dmesg_restrict=0");
    return false;
}

void fire_broken(const JudgedGpu& it, const JudgedXids& broken, const JudgedXids& unclear,
                 Judge& judge) {
    const std::string look_up = unclear.empty() ? "" : "; " + actions(unclear);
    judge.fire(it.subject(), "Xid " + codes(broken) + " since boot", evidence(broken, unclear),
               {codes(broken), "none", "Xid"},
               fmt::format("scontrol update nodename={} state=drain reason=\"Xid {}\"; {}{}",
                           it.node->name, codes(broken), actions(broken), look_up));
}

void judge_hardware(const JudgedGpu& it, Judge& judge) {
    if (!log_tells(it, judge)) return;
    const auto all = judged_xids(*it.gpu, it.node->name);
    const auto broken = of(all, XidVerdict::broken), unclear = of(all, XidVerdict::unclear),
               watched = of(all, XidVerdict::watched);
    if (!broken.empty()) {
        fire_broken(it, broken, unclear, judge);
    } else if (!unclear.empty()) {
        judge.unclear(it.subject(), "what Xid " + codes(unclear) + " means is not known",
                      fmt::format("{}; {}", evidence(unclear, watched), actions(unclear)),
                      actions(unclear));
    } else if (!watched.empty()) {
        judge.warn(it.subject(), "Xid " + codes(watched) + " since boot", evidence(watched),
                   {codes(watched), "none", "Xid"}, actions(watched));
    } else {
        judge.pass(it.subject(), "the kernel log holds no Xid of the hardware since boot");
    }
}

bool is_of_program(int code) {
    const Xid* xid = find_xid(code);
    return xid != nullptr && xid->kind == XidKind::application;
}

/// Faults of programs that lie apart in time; 0 or 1 when the log's times are not told.
int incidents_of(const GpuFacts& gpu) {
    const auto& codes = *gpu.health.xids;
    const auto& times = gpu.health.xid_times_s;
    if (!times || times->size() != codes.size())
        return std::any_of(codes.begin(), codes.end(), is_of_program);
    std::vector<double> moments;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (is_of_program(codes[i])) moments.push_back((*times)[i]);
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

void judge_application(const JudgedGpu& it, Judge& judge) {
    if (!log_tells(it, judge)) return;
    const auto found = of(judged_xids(*it.gpu, it.node->name), XidVerdict::application);
    const int incidents = incidents_of(*it.gpu);
    const std::string seen = "the kernel log holds Xid " + shown(found) + " since boot";
    if (found.empty()) {
        judge.pass(it.subject(),
                   "the kernel log holds no Xid that is known to be of programs since boot");
    } else if (incidents >= repeated_incidents && others_are_quiet(it)) {
        judge.fail(it.subject(), "faults of programs come back on the same GPU",
                   fmt::format("{}, in {} incidents at least {:.0f} min apart, and the node's "
                               "other GPUs have no such series",
                               seen, incidents, incident_gap_s / 60),
                   {std::to_string(incidents), "0", "incidents"},
                   fmt::format("run the same program on other GPUs (sbatch --exclude={}); when "
                               "it works there: scontrol update nodename={} state=drain "
                               "reason=\"program faults repeat on {}\"",
                               it.node->name, it.node->name, it.gpu->uuid));
    } else {
        judge.fire(it.subject(), "faults of programs since boot", seen,
                   {codes(found), "none", "Xid"});
    }
}

}  // namespace

std::vector<Rule> xids() {
    return {
        {"xid-hardware", "GPU health", Severity::error, Privilege::root, Level::quick,
         "Programs end on one GPU with 'unspecified launch failure', 'uncorrectable ECC error' or "
         "'GPU is lost', or hang.",
         "The driver logged an Xid that its catalogue ascribes to the GPU, its links, its power or "
         "its firmware. What was contained or repaired is a warning, as is an NVLink error (144 to "
         "150) that its line calls Nonfatal. A code that is not known here is UNKNOWN.",
         "The Xid codes of each GPU in the kernel log since boot, against NVIDIA's catalogue; the "
         "word Fatal or Nonfatal of 144 to 150; of 154 the last recovery action, and whether NVML "
         "still asks for it.",
         "do what NVIDIA's catalogue says for the code (docs.nvidia.com/deploy/xid-errors); drain "
         "the node where the GPU must be reset or replaced",
         each_gpu(judge_hardware)},
        {"xid-application", "GPU health", Severity::information, Privilege::root, Level::quick,
         "A program ended with 'an illegal memory access' or a page fault.",
         "A kernel wrote where it must not, or its channels were cleaned up after that. When it "
         "comes back on one GPU and on no other, the GPU is suspected and the finding an error.",
         "The Xid codes of programs (13, 31, 43, 45 and others, those of the copy, video and image "
         "engines among them) of each GPU since boot; series in time against the node's other "
         "GPUs.",
         "run the program once under compute-sanitizer", each_gpu(judge_application)},
    };
}

}  // namespace warpstep::check::health
