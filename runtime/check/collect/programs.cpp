// SPDX-License-Identifier: Apache-2.0
// Other programs' processes.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "runtime/check/collect.hpp"
#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/process.hpp"

namespace warpstep::check {

namespace {

namespace fs = std::filesystem;

struct Relation {
    std::int64_t parent = 0;
    std::string state, name;
};

/// pid (name) state parent …; the name may hold blanks and brackets.
std::optional<Relation> relation_of(const Sources& sources, std::int64_t pid) {
    const auto text = text_of(process_folder(sources, pid) + "/stat");
    if (!text) return std::nullopt;
    const auto open = text->find('('), close = text->rfind(')');
    if (open == text->npos || close == text->npos || close + 4 > text->size()) return std::nullopt;
    Relation relation;
    relation.name = text->substr(open + 1, close - open - 1);
    relation.state = text->substr(close + 2, 1);
    const std::string rest = text->substr(close + 4);
    relation.parent = number_in(rest.substr(0, rest.find(' '))).value_or(0);
    return relation;
}

using Relations = std::map<std::int64_t, Relation>;

Relations relations(const Sources& sources) {
    Relations all;
    for (const int pid : numbered_entries(sources.proc, ""))
        if (const auto relation = relation_of(sources, pid)) all[pid] = *relation;
    return all;
}

/// Adds what the chosen have started, and what that has started.
void add_descendants(const Relations& all, std::set<std::int64_t>& chosen) {
    for (bool more = true; more;) {
        more = false;
        for (const auto& [pid, relation] : all)
            if (chosen.contains(relation.parent)) more = chosen.insert(pid).second || more;
    }
}

bool is_launcher(const Relation& relation) {
    return relation.name.rfind("slurmstepd", 0) == 0 || relation.name == "srun";
}

bool belongs(const Membership& found, const std::string& step) {
    const auto dot = step.find('.');
    const std::string job = step.substr(0, dot);
    if (found.job != job) return false;
    return dot == step.npos || found.step == step.substr(dot + 1);
}

void read_files(const Sources& sources, ProgramFacts& facts) {
    const std::string folder = process_folder(sources, facts.pid) + "/fd";
    for (const std::string& name : entries_of(folder)) {
        std::error_code failed;
        const fs::path target = fs::read_symlink(folder + "/" + name, failed);
        const std::string file = target.filename().string();
        if (failed || target.parent_path() != "/dev" || file.rfind("nvidia", 0) != 0) continue;
        if (file == "nvidia-uvm") facts.has_cuda_context = true;
        if (const auto minor = number_in(std::string_view(file).substr(6)))
            facts.open_gpu_minors.push_back(static_cast<int>(*minor));
    }
    auto& minors = facts.open_gpu_minors;
    std::sort(minors.begin(), minors.end());
    minors.erase(std::unique(minors.begin(), minors.end()), minors.end());
}

void read_maps(const Sources& sources, ProgramFacts& facts) {
    const std::string maps = text_of(process_folder(sources, facts.pid) + "/maps").value_or("");
    const auto has = [&](const char* name) { return maps.find(name) != maps.npos; };
    facts.maps_cuda = has("/libcuda.so");
    facts.maps_mpi = has("/libmpi.so") || has("/libmpich.so") || has("/libmpi_cray");
    facts.maps_nccl = has("/libnccl.so");
}

void read_variables(const Sources& sources, ProgramFacts& facts) {
    const auto all = variables_of(sources, facts.pid);
    const Membership membership = membership_of(sources, facts.pid);
    facts.step = membership.job;
    if (!membership.step.empty()) facts.step += "." + membership.step;
    if (!all) return;
    facts.env = relevant_variables(*all);
    facts.rank = number(*all, "SLURM_PROCID").value_or(-1);
    facts.local_rank = number(*all, "SLURM_LOCALID").value_or(-1);
}

void add_gpus(const std::vector<GpuFacts>& gpus, ProgramFacts& facts) {
    for (const GpuFacts& gpu : gpus)
        for (const GpuProcess& process : gpu.processes)
            if (process.pid == facts.pid) facts.gpus.push_back({gpu.uuid, process.memory_bytes});
    if (!facts.gpus.empty()) facts.has_cuda_context = true;
}

ProgramFacts read_program(const Sources& sources, std::int64_t pid, const Relation& relation,
                          const std::vector<GpuFacts>& gpus) {
    ProgramFacts facts;
    const std::string node = variable(sources.env, "SLURMD_NODENAME").value_or("");
    facts.node = node.empty() ? sources.host_name : node;
    facts.pid = pid;
    facts.parent = relation.parent;
    facts.state = relation.state;
    facts.command = command_of(sources, pid);
    read_variables(sources, facts);
    const auto status = colon_lines(text_of(process_folder(sources, pid) + "/status").value_or(""));
    facts.cpus = variable(status, "Cpus_allowed_list").value_or("");
    facts.mems = variable(status, "Mems_allowed_list").value_or("");
    facts.threads = number(status, "Threads").value_or(0);
    facts.signals = signals_of(status);
    read_files(sources, facts);
    read_maps(sources, facts);
    add_gpus(gpus, facts);
    return facts;
}

/// Slurm tells a task its own process id; where that is not readable, what nobody chosen started
/// is a task.
bool is_task(const Sources& sources, const ProgramFacts& facts,
             const std::set<std::int64_t>& chosen) {
    if (const auto all = variables_of(sources, facts.pid))
        if (const auto task = number(*all, "SLURM_TASK_PID")) return *task == facts.pid;
    return !chosen.contains(facts.parent);
}

std::vector<ProgramFacts> read_programs(const Sources& sources, const Relations& all,
                                        const std::set<std::int64_t>& chosen,
                                        const std::vector<GpuFacts>& gpus) {
    std::vector<ProgramFacts> programs;
    for (const std::int64_t pid : chosen) {
        const auto relation = all.find(pid);
        if (relation == all.end() || relation->second.state == "Z") continue;
        programs.push_back(read_program(sources, pid, relation->second, gpus));
        programs.back().is_task = is_task(sources, programs.back(), chosen);
    }
    return programs;
}

}  // namespace

std::vector<ProgramFacts> collect_programs(const Sources& sources, const std::string& step,
                                           const std::vector<GpuFacts>& gpus) {
    const Relations all = relations(sources);
    std::set<std::int64_t> chosen, launchers;
    for (const auto& [pid, relation] : all) {
        if (is_launcher(relation))
            launchers.insert(pid);
        else if (belongs(membership_of(sources, pid), step))
            chosen.insert(pid);
    }
    add_descendants(all, chosen);
    // This process may be a descendant of what it looks at, when somebody typed it there.
    chosen.erase(::getpid());
    for (const std::int64_t launcher : launchers) chosen.erase(launcher);
    return read_programs(sources, all, chosen, gpus);
}

std::vector<ProgramFacts> collect_programs_of(const Sources& sources, std::int64_t pid,
                                              const std::vector<GpuFacts>& gpus) {
    const Relations all = relations(sources);
    std::set<std::int64_t> chosen{pid};
    add_descendants(all, chosen);
    return read_programs(sources, all, chosen, gpus);
}

}  // namespace warpstep::check
