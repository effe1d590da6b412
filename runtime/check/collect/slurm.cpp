// SPDX-License-Identifier: Apache-2.0
// What Slurm says of this node and job: its configuration, and its commands under a deadline.
#include <fmt/format.h>

#include <cctype>
#include <ctime>
#include <filesystem>

#include "runtime/base/text.hpp"
#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"

namespace warpstep::check {

namespace {

/// Output of a command, "" when it is absent, fails or does not answer in time.
std::string answer(const Sources& sources, const std::vector<std::string>& words) {
    const auto end = sources.run({words, {"TZ=UTC0"}, {}, ""}, sources.command_limit);
    return end.ok() ? end.output : "";
}

/// The value of "Name=value" at the beginning of a line or behind a blank; to the end of the line
/// when `whole_line`.
std::optional<std::string> field_in(const std::string& text, const std::string& name,
                                    bool whole_line = false) {
    const std::string mark = name + "=";
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
        if (at > 0 && !std::isspace(static_cast<unsigned char>(text[at - 1]))) continue;
        const auto begin = at + mark.size();
        const auto end = text.find_first_of(whole_line ? "\n" : " \n", begin);
        return std::string(trim(text.substr(begin, end - begin)));
    }
    return std::nullopt;
}

/// GPUs of "gpu:h100:8(S:0-1),shard:32"; of all types together.
int gpus_in(const std::string& resources) {
    int sum = 0;
    for (const std::string& item : split(resources, ',')) {
        const std::string name = item.substr(0, item.find('('));
        if (name == "gpu") ++sum;
        if (name.rfind("gpu:", 0) != 0) continue;
        sum += static_cast<int>(number_in(name.substr(name.rfind(':') + 1)).value_or(1));
    }
    return sum;
}

/// "2030-01-31T12:00:00", asked for in UTC.
std::optional<std::int64_t> time_in(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (!end || *end != '\0') return std::nullopt;
    return static_cast<std::int64_t>(::timegm(&parts));
}

std::vector<std::string> configuration_folders(const Sources& sources) {
    std::vector<std::string> folders;
    if (const auto file = variable(sources.env, "SLURM_CONF"))
        folders.push_back(std::filesystem::path(*file).parent_path().string());
    folders.push_back(sources.etc + "/slurm");
    folders.push_back(sources.etc + "/slurm-llnl");
    return folders;
}

/// The last line that sets it counts; Slurm's default is no.
std::optional<bool> constrains_devices(const Sources& sources) {
    for (const std::string& folder : configuration_folders(sources)) {
        const auto text = text_of(folder + "/cgroup.conf");
        if (!text) continue;
        bool constrains = false;
        for (std::string line : split(*text, '\n')) {
            for (char& c : line) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            line = line.substr(0, line.find('#'));
            const auto value = field_in(line, "constraindevices");
            if (value) constrains = *value == "yes" || *value == "true" || *value == "1";
        }
        return constrains;
    }
    return std::nullopt;
}

bool slurm_is_here(const Sources& sources) {
    if (sources.env.contains("SLURM_JOB_ID") || sources.env.contains("SLURMD_NODENAME"))
        return true;
    for (const std::string& folder : configuration_folders(sources))
        if (exists(folder + "/slurm.conf")) return true;
    return false;
}

/// "slurm 22.05.8", or "slurm-wlm 22.05.8" of Debian.
std::string version_of(const Sources& sources) {
    const std::string text(trim(answer(sources, {"srun", "--version"})));
    const auto blank = text.rfind(' ');
    return text.rfind("slurm", 0) == 0 && blank != text.npos ? text.substr(blank + 1) : "";
}

void ask_node(const Sources& sources, NodeFacts& facts) {
    const std::string name = facts.name.substr(0, facts.name.find('.'));
    const std::string text = answer(sources, {"scontrol", "show", "node", name});
    if (text.find("NodeName=" + name) == text.npos) return;
    // CfgTRES has them only where the site accounts for them.
    if (const auto resources = field_in(text, "Gres")) facts.configured_gpus = gpus_in(*resources);
    facts.node_state = field_in(text, "State").value_or("");
    facts.node_reason = field_in(text, "Reason", true).value_or("");
}

/// Only our own part of what may be a whole array.
std::string block_of(const std::string& text, const std::string& job) {
    const auto begin = text.find("JobId=" + job + " ");
    if (begin == text.npos) return "";
    return text.substr(begin, text.find("\nJobId=", begin) - begin);
}

void ask_job(const Sources& sources, NodeFacts& facts) {
    const auto job = variable(sources.env, "SLURM_JOB_ID");
    if (!job) return;
    const std::string text =
        block_of(answer(sources, {"scontrol", "--details", "show", "job", *job}), *job);
    if (const auto end = field_in(text, "EndTime")) facts.job_end_s = time_in(*end);
    facts.job_unlimited = field_in(text, "TimeLimit") == "UNLIMITED";
    if (const auto requeue = field_in(text, "Requeue")) facts.job_requeues = *requeue == "1";
    for (const std::string& line : split(text, '\n')) {
        const auto nodes = field_in(line, "Nodes");
        const auto devices = field_in(line, "GRES");
        if (nodes && devices && line.find("CPU_IDs=") != line.npos && !devices->empty())
            facts.job_gpus_detail.push_back(*nodes + " " + *devices);
    }
}

}  // namespace

void collect_slurm(const Sources& sources, NodeFacts& facts) {
    if (!slurm_is_here(sources)) return;
    facts.constrain_devices = constrains_devices(sources);
    facts.slurm_version = version_of(sources);
    if (facts.slurm_version.empty()) return;  // no commands here
    ask_node(sources, facts);
    ask_job(sources, facts);
    if (!facts.job_end_s)
        if (const auto end = variable(sources.env, "SLURM_JOB_END_TIME"))
            facts.job_end_s = number_in(*end);
}

}  // namespace warpstep::check
