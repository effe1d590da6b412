// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/gpus.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/check/rules/names.hpp"

namespace warpstep::check {

std::optional<double> Load::sum(const char* key) const {
    std::optional<double> total;
    for (const Sample* sample : samples) {
        const auto found = sample->state.find(key);
        if (found != sample->state.end()) total = total.value_or(0) + found->second;
    }
    return total;
}

std::optional<double> Load::least(const char* key) const {
    std::optional<double> value;
    for (const Sample* sample : samples) {
        const auto found = sample->state.find(key);
        if (found != sample->state.end())
            value = std::min(value.value_or(found->second), found->second);
    }
    return value;
}

std::optional<double> Load::most(const char* key) const {
    std::optional<double> value;
    for (const Sample* sample : samples) {
        const auto found = sample->state.find(key);
        if (found != sample->state.end())
            value = std::max(value.value_or(found->second), found->second);
    }
    return value;
}

std::optional<std::uint64_t> Load::throttle_reasons() const {
    std::optional<std::uint64_t> bits;
    for (const Sample* sample : samples) {
        const auto found = sample->state.find("throttle_reasons");
        if (found != sample->state.end())
            bits = bits.value_or(0) | static_cast<std::uint64_t>(found->second);
    }
    return bits;
}

std::string Load::told_by(const char* key) const {
    std::vector<std::string> names;
    for (const Sample* sample : samples) {
        if (!sample->state.contains(key)) continue;
        const std::string name =
            sample->probe + (sample->qualifier.empty() ? "" : " " + sample->qualifier);
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return show_names(names);
}

Load load_of(const Facts& facts, const GpuFacts& gpu) {
    Load load;
    for (const Sample& sample : facts.samples) {
        if (!sample.places.empty() && !gpu.uuid.empty() &&
            sample.places.front().gpu_uuid == gpu.uuid)
            load.samples.push_back(&sample);
    }
    return load;
}

std::string plain(double value) {
    return fmt::format("{:.0f}", value);
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

bool measures(const Facts& facts) {
    return facts.intent.level != "quick";
}

}  // namespace warpstep::check
