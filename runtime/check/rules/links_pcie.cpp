// SPDX-License-Identifier: Apache-2.0
// PCIe. An idle link may be slow or narrow to save power: only one under load is judged as wrong.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/check/rules/gpus.hpp"
#include "runtime/check/rules/links.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::links {
namespace {

/// Replays a minute above which a link is not clean. Source: the limit of NVIDIA's DCGM.
constexpr double replays_allowed = 8;

const char* const load_first = "measure it under load: warpstep check --level standard";

/// An idle link at its full width or generation cannot have less under load.
void judge_width(const JudgedGpu& it, Judge& judge) {
    const auto idle = it.gpu->links.pcie_width, most = it.gpu->links.pcie_max_width;
    const Load load = load_of(*it.facts, *it.gpu);
    const auto loaded = load.least("pcie_width");
    if (!most || (!idle && !loaded))
        return judge.unknown(it.subject(), "NVML does not tell the width of the PCIe link");
    if (loaded.value_or(idle.value_or(0)) >= *most)
        return judge.pass(it.subject(), "the PCIe link has its full width");
    if (!loaded)
        return judge.unknown(it.subject(),
                             fmt::format("x{} instead of x{} while idle, which may save power; "
                                         "{}",
                                         *idle, *most, load_first));
    judge.fire(it.subject(), "the PCIe link is narrow under load",
               fmt::format("the PCIe link at {} is x{:.0f} instead of x{} under load ({})",
                           it.gpu->pci, *loaded, *most, load.told_by("pcie_width")),
               {"x" + plain(*loaded), fmt::format("x{}", *most), "lanes"},
               fmt::format("on {}, as root: lspci -s {} -vv | grep LnkSta; drain the node, "
                           "reseat the GPU and its riser, look at bifurcation in the BIOS",
                           it.node->name, it.gpu->pci));
}

/// Fires when packets were sent again under load.
bool replays_rise(const JudgedGpu& it, const Load& load, Judge& judge) {
    const auto rise = load.sum("pcie_replays");
    const auto seconds = load.sum("seconds");
    const double allowed = replays_allowed * std::max(1.0, seconds.value_or(0) / 60);
    if (rise.value_or(0) <= allowed) return false;
    judge.fire(it.subject(), "PCIe packets are sent again",
               fmt::format("{:.0f} PCIe packets were sent again during {}", *rise,
                           load.told_by("pcie_replays")),
               {plain(*rise), "<= " + plain(allowed), "replays"});
    return true;
}

void judge_generation(const JudgedGpu& it, Judge& judge) {
    const auto idle = it.gpu->links.pcie_gen, most = it.gpu->links.pcie_max_gen;
    const Load load = load_of(*it.facts, *it.gpu);
    const auto loaded = load.most("pcie_gen");
    if (replays_rise(it, load, judge)) return;
    if (!most || (!idle && !loaded))
        return judge.unknown(it.subject(), "NVML does not tell the PCIe generation");
    if (loaded.value_or(0) >= *most || (!loaded && *idle >= *most))
        return judge.pass(it.subject(), "the PCIe link reaches its generation");
    if (!loaded && measures(*it.facts))
        return judge.unknown(it.subject(),
                             "idle links are slow to save power, and no probe told the "
                             "generation under load");
    if (!loaded)
        return judge.skip(fmt::format("idle links are slow to save power; {}", load_first));
    judge.fire(it.subject(), "the PCIe generation is low under load",
               fmt::format("the PCIe link at {} runs at generation {:.0f} instead of {} under "
                           "load ({})",
                           it.gpu->pci, *loaded, *most, load.told_by("pcie_gen")),
               {"gen " + plain(*loaded), fmt::format("gen {}", *most), "PCIe generation"},
               fmt::format("on {}, as root: lspci -s {} -vv | grep LnkSta; look at the link "
                           "speed in the BIOS and at the riser",
                           it.node->name, it.gpu->pci));
}

void judge_aer(const Facts& facts, Judge& judge) {
    for (const NodeFacts* node : judged_nodes(facts, judge)) {
        if (!node->aer_errors)
            judge.unknown(subject_of(*node),
                          "the kernel's PCIe error reports could not be read; run this check as "
                          "root");
        else if (!*node->aer_errors)
            judge.pass(subject_of(*node), "the kernel reports no PCIe errors");
        else
            judge.fire(subject_of(*node), "the kernel reports PCIe errors",
                       "the kernel reports PCIe errors (AER)", {"errors", "none", ""},
                       fmt::format("on {}, as root: dmesg | grep -iE 'aer|pcie bus error'; the "
                                   "address in it names the slot whose card or riser to reseat",
                                   node->name));
    }
}

}  // namespace

std::vector<Rule> pcie() {
    return {
        {"pcie-width", "Links", Severity::error, Privilege::user, Level::quick,
         "Copies between host and one GPU take twice as long or longer.",
         "The card or its riser does not sit right, or the slot is split in the BIOS: fewer lanes "
         "were trained.",
         "The lowest link width that the probes read under load against the most that both ends "
         "can; a full width of an idle link passes, a narrow one cannot be judged.",
         "drain the node and reseat the GPU", each_gpu(judge_width)},
        {"pcie-gen", "Links", Severity::warning, Privilege::user, Level::quick,
         "Copies between host and one GPU take twice as long.",
         "The link was trained at a lower speed, or sends packets again because bits are lost.",
         "The highest generation that the probes read under load against the most that both ends "
         "can; the rise of the replay counter against 8 a minute.",
         "look at the link speed in the BIOS, at the riser and at the card's seat",
         each_gpu(judge_generation)},
        {"pcie-errors", "Links", Severity::warning, Privilege::root, Level::quick,
         "Devices vanish, or copies are slow, on one node.",
         "The PCIe error reporting of the kernel (AER) counted errors of a link.",
         "The counters of /sys/bus/pci/devices/*/aer_dev_* or the kernel log.",
         "dmesg | grep -i aer, and reseat the card it names", over_nodes(judge_aer)},
    };
}

}  // namespace warpstep::check::links
