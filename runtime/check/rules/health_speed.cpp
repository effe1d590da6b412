// SPDX-License-Identifier: Apache-2.0
// What holds the GPUs' clocks down.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/check/rules/gpus.hpp"
#include "runtime/check/rules/health.hpp"
#include "runtime/check/rules/names.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::health {
namespace {

// nvmlClocksEventReason*. Source: NVML API reference.
constexpr std::uint64_t by_application_clocks = 0x2, hardware_slowdown = 0x8,
                        software_thermal = 0x20, hardware_thermal = 0x40, power_brake = 0x80;
constexpr std::uint64_t by_hardware = hardware_slowdown | hardware_thermal | power_brake;
constexpr double hardware_share_allowed = 0.01, software_share_allowed = 0.05;  ///< of the load
constexpr double clock_tolerance = 0.03;  ///< below the others' median under the same load
constexpr std::size_t clock_peers = 4;    ///< fewer have no median worth comparing with
constexpr unsigned near_slowdown_c = 5;

std::string names_of(std::uint64_t reasons) {
    std::vector<std::string> names;
    if (reasons & hardware_slowdown) names.emplace_back("hardware slowdown");
    if (reasons & hardware_thermal) names.emplace_back("hardware thermal slowdown");
    if (reasons & power_brake) names.emplace_back("power brake");
    return show_names(names);
}

/// Part of the load in which this counter rose; nothing when no probe told both.
std::optional<double> share(const Load& load, const char* counter) {
    double ns = 0, seconds = 0;
    for (const Sample* sample : load.samples) {
        const auto rise = sample->state.find(counter), length = sample->state.find("seconds");
        if (rise == sample->state.end() || length == sample->state.end()) continue;
        ns += rise->second;
        seconds += length->second;
    }
    if (seconds <= 0) return std::nullopt;
    return ns / 1e9 / seconds;
}

/// The counters of one GPU as parts of its load. Running into the power limit is no fault: what a
/// lower limit costs is power-capped's matter.
struct Shares {
    std::optional<double> hardware;  ///< the largest of thermal, board and reliability limits
    const char* limit = "";          ///< whose that is
    std::optional<double> software;  ///< thermal, by the driver before the hardware must
};

Shares shares_of(const Load& load) {
    Shares shares;
    const auto count = [&](const char* counter, const char* limit) {
        const auto part = share(load, counter);
        if (!part || *part <= shares.hardware.value_or(-1)) return;
        shares.hardware = part;
        shares.limit = limit;
    };
    count("violation_board_ns", "the board's power limit");
    count("violation_reliability_ns", "the reliability limit");
    shares.software = share(load, "violation_sw_thermal_ns");
    // One counter for both kinds of thermal slowdown: the reasons under load tell which it was.
    const std::uint64_t reasons = load.throttle_reasons().value_or(0);
    const bool software_only = (reasons & software_thermal) && !(reasons & by_hardware);
    if (software_only && !shares.software)
        shares.software = share(load, "violation_thermal_ns");
    else if (!software_only)
        count("violation_thermal_ns", "the temperature limit");
    return shares;
}

Figure part_figure(double part, double allowed) {
    return {fmt::format("{:.1f}", part * 100), fmt::format("<= {:.0f}", allowed * 100),
            "% of the load"};
}

void judge_throttle(const JudgedGpu& it, Judge& judge) {
    const Load load = load_of(*it.facts, *it.gpu);
    const Shares shares = shares_of(load);
    const auto now = it.gpu->speed.throttle_reasons, loaded = load.throttle_reasons();
    const std::uint64_t seen = (now.value_or(0) | loaded.value_or(0)) & by_hardware;
    if (shares.hardware.value_or(0) > hardware_share_allowed) {
        judge.fire(it.subject(), fmt::format("{} held the clocks down", shares.limit),
                   fmt::format("{} held the clocks down for {:.1f} % of the load{}", shares.limit,
                               *shares.hardware * 100, seen ? " (" + names_of(seen) + ")" : ""),
                   part_figure(*shares.hardware, hardware_share_allowed));
    } else if (shares.software.value_or(0) > software_share_allowed) {
        judge.warn(it.subject(), "the driver held the clocks down against the temperature",
                   fmt::format("the driver held the clocks down for {:.1f} % of the load "
                               "because of the temperature",
                               *shares.software * 100),
                   part_figure(*shares.software, software_share_allowed),
                   "look at the inlet temperature, the fans and the neighbouring slots");
    } else if (seen != 0) {
        judge.warn(
            it.subject(), names_of(seen) + " was active when it was read",
            fmt::format("{} was active when it was read; one reading does not tell for "
                        "how long",
                        names_of(seen)),
            {fmt::format("{:#x}", seen), "0x0", "reasons"},
            measures(*it.facts) ? "" : "measure it under load: warpstep check --level standard");
    } else if (now || loaded || shares.hardware) {
        judge.pass(it.subject(), shares.hardware
                                     ? "no hardware limit held the clocks down under load"
                                     : "no hardware slowdown when it was read");
    } else {
        judge.unknown(it.subject(), "NVML does not tell what holds the clocks down");
    }
}

/// Median by model of a figure of the judged GPUs.
template <typename Get>
std::map<std::string, double> medians(const std::vector<JudgedGpu>& gpus, Get&& get) {
    std::map<std::string, std::vector<double>> values;
    for (const JudgedGpu& it : gpus) {
        if (const auto value = get(*it.gpu)) values[it.gpu->name].push_back(*value);
    }
    std::map<std::string, double> result;
    for (auto& [name, of_model] : values) result[name] = median(std::move(of_model));
    return result;
}

void judge_power(const Facts& facts, Judge& judge) {
    const auto gpus = judged_gpus(facts, judge);
    const auto usual = medians(gpus, [](const GpuFacts& gpu) { return gpu.speed.power_limit_mw; });
    for (const JudgedGpu& it : gpus) {
        const auto limit = it.gpu->speed.power_limit_mw, standard = it.gpu->speed.power_default_mw;
        if (!limit) {
            judge.unknown(it.subject(), "NVML tells no power limit");
            continue;
        }
        const double others = usual.at(it.gpu->name);
        const double expected = std::max(others, static_cast<double>(standard.value_or(0)));
        if (*limit >= expected) {
            judge.pass(it.subject(), "the power limit is the default, and the same for all");
            continue;
        }
        const bool below_default = *limit < standard.value_or(0);
        judge.fire(it.subject(),
                   below_default ? "the power limit is below the default"
                                 : "the power limit is below that of the others",
                   fmt::format("the power limit is {:.0f} W, {} {:.0f} W", *limit / 1e3,
                               below_default ? "the default" : "the others have", expected / 1e3),
                   {plain(*limit / 1e3), plain(expected / 1e3), "W",
                    fmt::format("median {:.0f} W", others / 1e3)},
                   fmt::format("nvidia-smi -i {} -pl {:.0f}", it.gpu->uuid, expected / 1e3));
    }
}

/// One probe's clock on each GPU: key is what must be the same to be compared.
using Clocks = std::map<std::string, std::vector<double>>;

std::string load_key(const GpuFacts& gpu, const Sample& sample) {
    return gpu.name + "/" + sample.probe + "/" + sample.qualifier;
}

Clocks clocks_under_load(const Facts& facts, const std::vector<JudgedGpu>& gpus) {
    Clocks clocks;
    for (const JudgedGpu& it : gpus) {
        for (const Sample* sample : load_of(facts, *it.gpu).samples) {
            const auto mhz = sample->state.find("sm_mhz");
            if (sample->places.size() == 1 && mhz != sample->state.end())
                clocks[load_key(*it.gpu, *sample)].push_back(mhz->second);
        }
    }
    return clocks;
}

/// Fires when a probe ran at lower clocks here than on the others.
bool slower_under_load(const Facts& facts, const Clocks& clocks, const JudgedGpu& it,
                       Judge& judge) {
    for (const Sample* sample : load_of(facts, *it.gpu).samples) {
        const auto mhz = sample->state.find("sm_mhz");
        const auto peers = clocks.find(load_key(*it.gpu, *sample));
        if (mhz == sample->state.end() || peers == clocks.end()) continue;
        if (peers->second.size() < clock_peers) continue;
        const double others = median(peers->second);
        if (mhz->second >= others * (1 - clock_tolerance)) continue;
        judge.fire(it.subject(), "clocks under load are lower than on the others",
                   fmt::format("{} ran at {:.0f} MHz, on the others at {:.0f} MHz (median)",
                               sample->probe, mhz->second, others),
                   {plain(mhz->second), ">= " + plain(others * (1 - clock_tolerance)), "MHz",
                    fmt::format("median {:.0f} MHz of {}", others, peers->second.size())},
                   fmt::format("nvidia-smi -i {0} -rgc; nvidia-smi -i {0} -rac; when nothing was "
                               "locked, look at power-capped and throttle-hardware",
                               it.gpu->uuid));
        return true;
    }
    return false;
}

void judge_clocks(const Facts& facts, Judge& judge) {
    const auto gpus = judged_gpus(facts, judge);
    const Clocks clocks = clocks_under_load(facts, gpus);
    for (const JudgedGpu& it : gpus) {
        const GpuSpeed& speed = it.gpu->speed;
        const auto set = speed.sm_application_mhz, standard = speed.sm_default_application_mhz;
        const bool limits = (speed.throttle_reasons.value_or(0) & by_application_clocks) != 0 &&
                            set && speed.sm_max_mhz && *set < *speed.sm_max_mhz;
        if ((set && standard && *set < *standard) || limits) {
            const unsigned expected = limits ? *speed.sm_max_mhz : *standard;
            judge.fire(it.subject(), "application clocks are set lower",
                       fmt::format("application clocks are set to {} MHz instead of {} MHz", *set,
                                   expected),
                       {std::to_string(*set), std::to_string(expected), "MHz"},
                       fmt::format("nvidia-smi -i {} -rac", it.gpu->uuid));
        } else if (slower_under_load(facts, clocks, it, judge)) {
            continue;
        } else if (set || speed.throttle_reasons) {
            judge.pass(it.subject(), "clocks are not set lower than the default");
        } else {
            judge.unknown(it.subject(), "NVML tells no application clocks");
        }
    }
}

void judge_temperature(const JudgedGpu& it, Judge& judge) {
    const auto now = it.gpu->speed.temperature_c, slowdown = it.gpu->speed.temperature_slowdown_c;
    const auto loaded = load_of(*it.facts, *it.gpu).most("temperature_c");
    if (!slowdown || (!now && !loaded))
        return judge.unknown(it.subject(),
                             "NVML tells no temperature, or none at which it slows down");
    const double hottest = std::max(static_cast<double>(now.value_or(0)), loaded.value_or(0));
    const bool near = hottest + near_slowdown_c >= *slowdown;
    if (!near) return judge.pass(it.subject(), "more than 5 C below the slowdown temperature");
    judge.fire(it.subject(), "close to the temperature at which it slows down",
               fmt::format("{:.0f} C{}; it slows down at {} C", hottest,
                           loaded.value_or(0) >= hottest ? " under load" : "", *slowdown),
               {plain(hottest), fmt::format("< {}", *slowdown - near_slowdown_c), "C"});
}

}  // namespace

std::vector<Rule> speed() {
    return {
        {"throttle-hardware", "GPU health", Severity::error, Privilege::user, Level::quick,
         "One GPU runs at half its speed or less, and all ranks wait for it.",
         "Heat, a power brake from the power supply, or a limit of the board holds the clocks "
         "down.",
         "Under load, the rise of NVML's violation counters against 1 % of the time (5 % for the "
         "driver's own thermal slowdown, a warning); without load, the reasons of one reading, "
         "which are only a warning.",
         "look at cooling, power supplies, power cables and the neighbouring slots; drain the node "
         "until then",
         each_gpu(judge_throttle)},
        {"power-capped", "GPU health", Severity::warning, Privilege::user, Level::quick,
         "One GPU or node is some percent slower in arithmetic, at lower clocks.",
         "The power limit was set below the default, or differs between GPUs of one model.",
         "The enforced power limit against the default one and the median of the same model.",
         "nvidia-smi -pl with the default limit in watts", over_gpu_states(judge_power)},
        {"clocks-locked", "GPU health", Severity::warning, Privilege::user, Level::quick,
         "One GPU is slower in arithmetic at an equal power limit.",
         "Application clocks or locked clocks were left behind by a benchmark or an administrator.",
         "Application clocks against the default; the SM clock under the same load against the "
         "median of the same model, less 3 %.",
         "nvidia-smi -rgc; nvidia-smi -rac", over_gpu_states(judge_clocks)},
        {"temperature-near-slowdown", "GPU health", Severity::warning, Privilege::user,
         Level::quick, "Speed varies with the season, the rack or the neighbours' load.",
         "The GPU is so warm that it will slow down when anything gets warmer.",
         "The highest temperature read, under load where probes ran, against the temperature at "
         "which the GPU slows down, less 5 C.",
         "look at the inlet temperature, the fans and dust; drain the node when it gets warmer",
         each_gpu(judge_temperature)},
    };
}

}  // namespace warpstep::check::health
