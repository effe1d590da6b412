// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/watch.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

#include "runtime/execution/statistics.hpp"

namespace warpstep::execution {
namespace {

constexpr std::chrono::milliseconds between{10};

std::string key_of(std::string reason) {
    std::replace(reason.begin(), reason.end(), ' ', '_');
    return "throttled." + reason;
}

/// "32.0 GT/s PCIe" to 5; 0 for what is no rate of PCI Express.
int generation_of(double rate) {
    constexpr double rates[] = {2.5, 5, 8, 16, 32, 64};
    for (int i = 0; i < 6; ++i)
        if (rate == rates[i]) return i + 1;
    return 0;
}

void read_link(const std::string& folder, const char* which, const char* prefix, Conditions& link) {
    double rate = 0, width = 0;
    std::ifstream(folder + which + "_link_speed") >> rate;
    std::ifstream(folder + which + "_link_width") >> width;
    const int generation = generation_of(rate);
    if (generation > 0) link[std::string(prefix) + "gen"] = generation;
    if (width > 0 && width <= 32) link[std::string(prefix) + "width"] = width;
}

bool is_largest(const std::string& key) {
    return key == "temperature_c" || key.starts_with("pcie_");
}
bool is_smallest(const std::string& key) {
    return key == "power_limit_w";
}

}  // namespace

Conditions pci_link(const std::string& address, const std::string& root) {
    Conditions link;
    if (address.empty()) return link;
    const std::string folder = root + "/" + address + "/";
    read_link(folder, "current", "pcie_", link);
    read_link(folder, "max", "pcie_max_", link);
    return link;
}

Watch::Watch(const device::Device& device) : device_(device) {
    if (device.facts().kind == device::Kind::host) return;  // it tells nothing
    thread_ = std::thread([this] {
        while (!pause()) read_on();
    });
}

Watch::~Watch() {
    if (thread_.joinable()) end();
}

// True when it is over.
bool Watch::pause() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, between, [&] { return over_; });
}

void Watch::read_on() {
    const auto add = [&](const char* key, const std::optional<double>& value, double scale) {
        if (value) seen_[key].push_back(*value * scale);
    };
    const device::Condition now = device_.condition();
    add("sm_mhz", now.sm_clock, 1e-6);
    add("memory_mhz", now.memory_clock, 1e-6);
    add("power_w", now.power, 1);
    add("power_limit_w", now.power_limit, 1);
    add("temperature_c", now.temperature, 1);
    for (const auto& reason : now.throttled) seen_[key_of(reason)].push_back(1);
    for (const auto& [key, value] : pci_link(device_.facts().pci)) seen_[key].push_back(value);
    seen_["readings"].push_back(1);
}

Conditions Watch::end() {
    if (!thread_.joinable()) return {};
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_one();
    thread_.join();
    Conditions found;
    const double readings = static_cast<double>(seen_["readings"].size());
    if (readings == 0) return found;
    for (const auto& [key, values] : seen_) {
        const auto [least, most] = std::minmax_element(values.begin(), values.end());
        if (key == "readings") {
            found[key] = readings;
        } else if (key.starts_with("throttled.")) {
            found[key] = static_cast<double>(values.size()) / readings;
        } else if (is_largest(key)) {
            found[key] = *most;
        } else if (is_smallest(key)) {
            found[key] = *least;
        } else {
            found[key] = summarize(values).median;
        }
        if (key == "sm_mhz") found["sm_mhz_least"] = *least;
    }
    return found;
}

}  // namespace warpstep::execution
