// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/cpu_list.hpp"

#include <algorithm>
#include <charconv>

namespace warpstep::process {
namespace {

constexpr int largest_index = 65535;

std::optional<int> parse_index(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (value < 0 || value > largest_index) return std::nullopt;
    return value;
}

}  // namespace

std::string show(const CpuList& cpus) {
    std::string text;
    for (std::size_t first = 0; first < cpus.size();) {
        std::size_t last = first;
        while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
        if (!text.empty()) text += ',';
        text += std::to_string(cpus[first]);
        if (last > first) text += '-' + std::to_string(cpus[last]);
        first = last + 1;
    }
    return text;
}

std::optional<CpuList> parse_cpus(std::string_view list) {
    CpuList cpus;
    while (!list.empty()) {
        const std::string_view range = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), range.size() + 1));
        const auto dash = range.find('-');
        const auto first = parse_index(range.substr(0, dash));
        const auto last = dash == range.npos ? first : parse_index(range.substr(dash + 1));
        if (!first || !last || *last < *first) return std::nullopt;
        for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
    }
    std::sort(cpus.begin(), cpus.end());
    cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
    return cpus;
}

}  // namespace warpstep::process
