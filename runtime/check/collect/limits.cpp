// SPDX-License-Identifier: Apache-2.0
// What the kernel lets this task use.
#include <algorithm>
#include <sstream>

#include "runtime/base/text.hpp"
#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"
#include "runtime/check/collect/process.hpp"

namespace warpstep::check {

namespace {

std::optional<std::uint64_t> limit_in(const std::string& word) {
    const auto value = number_in(word);
    if (!value || *value < 0) return std::nullopt;  // "unlimited"
    return static_cast<std::uint64_t>(*value);
}

/// A line of /proc/PID/limits, whose names hold blanks.
Limit limit_of(const std::string& text, const std::string& name) {
    const auto at = text.find(name);
    if (at == text.npos) return {};
    std::istringstream line(text.substr(at + name.size()));
    std::string soft, hard;
    line >> soft >> hard;
    return {limit_in(soft), limit_in(hard)};
}

/// CPUs of "max 100000" or "1400000 100000".
std::optional<double> quota_in(const std::string& text) {
    std::istringstream words(text);
    double quota = 0, period = 0;
    if (!(words >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
    return quota / period;
}

void take_least(std::optional<double>& least, std::optional<double> quota) {
    if (quota && (!least || *quota < *least)) least = quota;
}

/// Of a group and those around it, in version 2 and in version 1 of the file system.
std::optional<double> quota_along(const Sources& sources, std::string path, bool unified) {
    std::optional<double> least;
    const std::string root = sources.sys + "/fs/cgroup";
    while (true) {
        if (unified) {
            take_least(least, quota_in(text_of(root + path + "/cpu.max").value_or("")));
            take_least(least,
                       quota_in(text_of(root + "/unified" + path + "/cpu.max").value_or("")));
        } else {
            const std::string group = root + "/cpu" + path;
            const std::string both = text_of(group + "/cpu.cfs_quota_us").value_or("") + " " +
                                     text_of(group + "/cpu.cfs_period_us").value_or("");
            take_least(least, quota_in(both));
        }
        const auto slash = path.rfind('/');
        if (slash == path.npos) return least;
        path.erase(slash);
    }
}

std::optional<double> cpu_quota(const Sources& sources) {
    std::optional<double> least;
    for (const std::string& line :
         split(text_of(sources.proc + "/self/cgroup").value_or(""), '\n')) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == line.npos || second == line.npos) continue;
        const auto controllers = split(line.substr(first + 1, second - first - 1), ',');
        const bool unified = controllers.empty();
        const bool of_cpu = std::count(controllers.begin(), controllers.end(), "cpu") > 0;
        if (unified || of_cpu)
            take_least(least, quota_along(sources, line.substr(second + 1), unified));
    }
    return least;
}

}  // namespace

void collect_limits(const Sources& sources, RankFacts& facts) {
    const auto status = colon_lines(text_of(sources.proc + "/self/status").value_or(""));
    facts.cpus = variable(status, "Cpus_allowed_list").value_or("");
    facts.mems = variable(status, "Mems_allowed_list").value_or("");
    facts.signals = signals_of(status);
    facts.online_cpus = line_of(sources.sys + "/devices/system/cpu/online").value_or("");
    facts.cpu_quota = cpu_quota(sources);
    const std::string limits = text_of(sources.proc + "/self/limits").value_or("");
    facts.memlock = limit_of(limits, "Max locked memory");
    facts.open_files = limit_of(limits, "Max open files");
    facts.core_size = limit_of(limits, "Max core file size");
}

}  // namespace warpstep::check
