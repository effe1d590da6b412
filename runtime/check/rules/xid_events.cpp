// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/xid_events.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "runtime/check/rules/recovery.hpp"
#include "runtime/check/rules/xid_catalog.hpp"

namespace warpstep::check {
namespace {

constexpr unsigned no_recovery = 0;

/// Facts of older versions hold the numbers alone.
std::vector<XidEvent> events_of(const GpuFacts& gpu) {
    const auto& events = gpu.health.xid_events;
    if (!gpu.health.xids) return {};
    if (events && events->size() == gpu.health.xids->size()) return *events;
    std::vector<XidEvent> bare;
    for (const int code : *gpu.health.xids) bare.push_back({code, "", "", ""});
    return bare;
}

/// Without a pipe, which lines for Nagios cannot hold.
std::string look_up(int code) {
    return fmt::format(
        "journalctl -k --grep 'NVRM: Xid.*: {},'; look the code up in NVIDIA's Xid catalogue "
        "(docs.nvidia.com/deploy/xid-errors)",
        code);
}

JudgedXid unclear(int code, std::string why) {
    return {code, 1, XidVerdict::unclear, std::move(why), look_up(code), ""};
}

/// The driver itself says which of these the GPU survives.
JudgedXid judged_nvlink(const XidEvent& event, const Xid& xid) {
    if (event.severity.empty())
        return unclear(event.code, fmt::format("{}, of which it is not known whether it was Fatal",
                                               xid.meaning));
    const bool fatal = event.severity == "Fatal";
    return {event.code,
            1,
            fatal ? XidVerdict::broken : XidVerdict::watched,
            fmt::format("{}, {}", xid.meaning, event.severity),
            fatal ? xid.action
                  : "restart the program if it ended; look at nvidia-smi nvlink --errorcounters "
                    "when it comes again",
            ""};
}

/// The log tells what was asked for since boot, NVML what still is.
JudgedXid judged_recovery(const XidEvent& event, const GpuFacts& gpu, const std::string& node) {
    const auto number = recovery_number(event.action);
    const auto recovery = number ? recovery_of(*number, gpu.uuid, node) : std::nullopt;
    if (!recovery) return unclear(event.code, "the driver asks for something that is not known");
    if (recovery->number == no_recovery)
        return {event.code, 1, XidVerdict::information, "the driver asks for nothing", "", ""};
    if (recovery->ends_at_reset && gpu.health.recovery_action == no_recovery)
        return {event.code,
                1,
                XidVerdict::watched,
                fmt::format("the driver asked for {}, and by NVML asks for nothing now",
                            recovery->wanted),
                "nothing to do",
                ""};
    return {event.code,
            1,
            XidVerdict::broken,
            fmt::format("the driver asks for {}: {}", recovery->wanted, event.action),
            recovery->steps,
            ""};
}

XidVerdict verdict_of(XidKind kind) {
    switch (kind) {
        case XidKind::hardware:
            return XidVerdict::broken;
        case XidKind::watched:
            return XidVerdict::watched;
        case XidKind::application:
            return XidVerdict::application;
        case XidKind::information:
            return XidVerdict::information;
        case XidKind::nvlink:
        case XidKind::recovery:
            break;
    }
    return XidVerdict::unclear;
}

JudgedXid judged(const XidEvent& event, const GpuFacts& gpu, const std::string& node) {
    const Xid* xid = find_xid(event.code);
    if (xid == nullptr) return unclear(event.code, "a code that is not known here");
    if (xid->kind == XidKind::nvlink) return judged_nvlink(event, *xid);
    if (xid->kind == XidKind::recovery) return judged_recovery(event, gpu, node);
    return {event.code, 1, verdict_of(xid->kind), xid->meaning, xid->action, ""};
}

bool is_recovery(int code) {
    const Xid* xid = find_xid(code);
    return xid != nullptr && xid->kind == XidKind::recovery;
}

}  // namespace

std::vector<JudgedXid> judged_xids(const GpuFacts& gpu, const std::string& node) {
    std::map<std::pair<int, std::string>, JudgedXid> found;  // by code and meaning
    const auto add = [&](const XidEvent& event) {
        JudgedXid one = judged(event, gpu, node);
        const auto [at, is_new] = found.try_emplace({one.code, one.meaning}, one);
        if (!is_new) ++at->second.count;
        if (at->second.line.empty()) at->second.line = event.line;
    };
    const XidEvent* last = nullptr;
    const auto events = events_of(gpu);
    for (const XidEvent& event : events) {
        if (is_recovery(event.code))
            last = &event;
        else
            add(event);
    }
    if (last != nullptr) add(*last);
    std::vector<JudgedXid> all;
    for (auto& [key, one] : found) all.push_back(std::move(one));
    return all;
}

}  // namespace warpstep::check
