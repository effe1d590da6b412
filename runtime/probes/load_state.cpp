// SPDX-License-Identifier: Apache-2.0
#include "runtime/probes/load_state.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace warpstep::check::probes {
namespace {

struct Reason {
    const char* name;
    std::uint64_t bit;
    const char* violation;  ///< the counter that this reason makes rise
};
constexpr Reason reasons[] = {{"throttled.power_cap", 0x04, nullptr},
                              {"throttled.hardware_slowdown", 0x08, nullptr},
                              {"throttled.software_thermal", 0x20, "violation_sw_thermal_ns"},
                              {"throttled.hardware_thermal", 0x40, "violation_thermal_ns"},
                              {"throttled.power_brake", 0x80, "violation_board_ns"}};
constexpr double enough_readings = 100;

double number_or_0(const nlohmann::json& from, const char* key) {
    const auto it = from.find(key);
    return it != from.end() && it->is_number() ? it->get<double>() : 0;
}

bool is_smallest(const std::string& name) {
    return name == "sm_mhz" || name == "sm_mhz_least" || name == "power_limit_w";
}

}  // namespace

void LoadState::add(const nlohmann::json& step, int rank) {
    const auto all = step.find("conditions");
    if (all == step.end()) return;
    for (const auto& one : *all) {
        if (one.at("rank") != rank) continue;
        const double readings = number_or_0(one, "readings");
        readings_ += readings;
        if (const auto time = step.at("metrics").find("time"); time != step.at("metrics").end())
            seconds_ += number_or_0(step, "launches") * number_or_0(*time, "median");
        for (const auto& [name, value] : one.items()) {
            if (name == "rank" || name == "readings" || !value.is_number()) continue;
            const double now = value.get<double>();
            if (name.starts_with("throttled.")) {
                throttled_[name] += now * readings;
                continue;
            }
            const auto [it, fresh] = seen_.emplace(name, now);
            if (fresh) continue;
            it->second = is_smallest(name) ? std::min(it->second, now) : std::max(it->second, now);
        }
    }
}

std::map<std::string, double> LoadState::state() const {
    std::map<std::string, double> state = seen_;
    if (readings_ == 0) return state;
    state["readings"] = readings_;
    state["seconds"] = seconds_;
    // A GPU that tells its clocks tells what holds them down, too.
    const bool tells = seen_.count("sm_mhz") > 0;
    std::uint64_t bits = 0;
    for (const Reason& reason : reasons) {
        const auto found = throttled_.find(reason.name);
        const double share = found == throttled_.end() ? 0 : found->second / readings_;
        if (share > 0) {
            bits |= reason.bit;
            state[reason.name] = share;
        }
        if (tells && reason.violation != nullptr && readings_ >= enough_readings)
            state[reason.violation] = share * seconds_ * 1e9;
    }
    if (bits != 0 || tells) state["throttle_reasons"] = static_cast<double>(bits);
    return state;
}

}  // namespace warpstep::check::probes
