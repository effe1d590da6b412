// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/collect/process.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <cstdlib>

#include "runtime/base/text.hpp"
#include "runtime/check/collect/files.hpp"

namespace warpstep::check {

namespace {

/// What stands between `prefix` and the next slash, "" without.
std::string part_after(std::string_view path, std::string_view prefix) {
    const auto at = path.find(prefix);
    if (at == path.npos) return "";
    const std::string_view rest = path.substr(at + prefix.size());
    return std::string(rest.substr(0, rest.find('/')));
}

std::string value_in(const std::map<std::string, std::string>& env, const char* name) {
    return variable(env, name).value_or("");
}

}  // namespace

Membership membership_in(std::string_view cgroup) {
    return {part_after(cgroup, "/job_"), part_after(cgroup, "/step_")};
}

std::string job_cgroup(std::string_view text) {
    for (const std::string& line : split(text, '\n')) {
        // hierarchy:controllers:path
        const auto path = line.find(":/");
        if (path != line.npos && line.find("/job_", path) != line.npos)
            return line.substr(path + 1);
    }
    return "";
}

Membership membership_of(const Sources& sources, std::int64_t pid) {
    const auto cgroup = text_of(process_folder(sources, pid) + "/cgroup");
    Membership found = membership_in(job_cgroup(cgroup.value_or("")));
    if (!found.job.empty()) return found;
    if (const auto env = variables_of(sources, pid))
        found = {value_in(*env, "SLURM_JOB_ID"), value_in(*env, "SLURM_STEP_ID")};
    return found;
}

std::string process_folder(const Sources& sources, std::int64_t pid) {
    return fmt::format("{}/{}", sources.proc, pid);
}

std::string command_of(const Sources& sources, std::int64_t pid) {
    std::string words = text_of(process_folder(sources, pid) + "/cmdline").value_or("");
    while (!words.empty() && words.back() == '\0') words.pop_back();
    std::replace(words.begin(), words.end(), '\0', ' ');
    if (!words.empty()) return words;
    const auto name = line_of(process_folder(sources, pid) + "/comm");
    return name ? "[" + *name + "]" : "";
}

std::optional<std::map<std::string, std::string>> variables_of(const Sources& sources,
                                                               std::int64_t pid) {
    const auto text = text_of(process_folder(sources, pid) + "/environ");
    if (!text) return std::nullopt;
    return zero_ended(*text);
}

std::vector<int> signals_in(const std::string& mask) {
    std::vector<int> numbers;
    const unsigned long long bits = std::strtoull(mask.c_str(), nullptr, 16);
    for (int signal = 1; signal <= 64; ++signal)
        if (bits >> (signal - 1) & 1) numbers.push_back(signal);
    return numbers;
}

SignalFacts signals_of(const std::map<std::string, std::string>& status) {
    return {signals_in(value_in(status, "SigCgt")), signals_in(value_in(status, "SigIgn")),
            signals_in(value_in(status, "SigBlk"))};
}

std::string user_name(unsigned user) {
    passwd entry{};
    passwd* found = nullptr;
    std::string room(16 * 1024, '\0');
    if (::getpwuid_r(user, &entry, room.data(), room.size(), &found) == 0 && found)
        return found->pw_name;
    return std::to_string(user);
}

}  // namespace warpstep::check
