// SPDX-License-Identifier: Apache-2.0
// What the system and the job's limits leave of the host's memory.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "runtime/base/text.hpp"
#include "runtime/plan/memory_plan.hpp"

namespace warpstep::plan {
namespace {

std::optional<std::uint64_t> parse(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    return value;
}

// The number alone in a file; nothing for "max" and for files that are not there.
std::optional<std::uint64_t> number_in(const std::string& path) {
    std::ifstream file(path);
    std::string word;
    return file >> word ? parse(word) : std::nullopt;
}

// The number behind a word at the beginning of a line.
std::optional<std::uint64_t> number_behind(const std::string& path, std::string_view key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string first, second;
        if (words >> first >> second && first == key) return parse(second);
    }
    return std::nullopt;
}

/// The files of one version of cgroups, in the folder of one group.
struct CgroupFiles {
    const char *limit, *usage, *cache;
};
constexpr CgroupFiles version_1{"/memory.limit_in_bytes", "/memory.usage_in_bytes",
                                "total_inactive_file"};
constexpr CgroupFiles version_2{"/memory.max", "/memory.current", "inactive_file"};

// What a group may still take. Its page cache is given back when memory is asked for.
std::optional<std::uint64_t> left_in(const std::string& folder, const CgroupFiles& names) {
    const auto limit = number_in(folder + names.limit);
    const auto usage = number_in(folder + names.usage);
    if (!limit || !usage) return std::nullopt;
    const std::uint64_t cache = number_behind(folder + "/memory.stat", names.cache).value_or(0);
    const std::uint64_t used = *usage > cache ? *usage - cache : 0;
    return *limit > used ? *limit - used : 0;
}

void take_least(std::optional<std::uint64_t>& least, std::optional<std::uint64_t> other) {
    if (other && (!least || *other < *least)) least = other;
}

// Limits of the groups above hold, too. In a container the path may not be there, but its root is.
void walk_up(const std::string& mount, std::string path, const CgroupFiles& names,
             std::optional<std::uint64_t>& least) {
    while (!path.empty() && path != "/") {
        take_least(least, left_in(mount + path, names));
        path.resize(path.rfind('/'));
    }
    take_least(least, left_in(mount, names));
}

// The lines of /proc/self/cgroup: "0::/path" for version 2, "4:memory:/path" for version 1.
std::optional<std::uint64_t> left_in_groups(const std::string& root) {
    std::optional<std::uint64_t> least;
    std::ifstream file(root + "/proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const std::string path = line.substr(second + 1);
        if (path.empty() || path.front() != '/') continue;
        const auto list = split(controllers, ',');
        if (controllers.empty()) {
            walk_up(root + "/sys/fs/cgroup", path, version_2, least);
        } else if (std::find(list.begin(), list.end(), "memory") != list.end()) {
            walk_up(root + "/sys/fs/cgroup/memory", path, version_1, least);
        }
    }
    return least;
}

}  // namespace

std::optional<HostMemory> host_memory(const std::string& root) {
    const auto kib = number_behind(root + "/proc/meminfo", "MemAvailable:");
    const auto left = left_in_groups(root);
    if (!kib && !left) return std::nullopt;
    if (left && (!kib || *left < *kib * 1024)) return HostMemory{*left, "the job's memory limit"};
    return HostMemory{*kib * 1024, "MemAvailable"};
}

}  // namespace warpstep::plan
