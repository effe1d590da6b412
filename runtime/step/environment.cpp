// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/environment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>

namespace warpstep::step {
namespace {

// Above what any launcher sets; what loops over a count then ends. Slurm's own bound is 128
// components a job (slurm.h, MAX_HET_JOB_COMPS).
constexpr int most_components = 1024;
constexpr int most_nodes = 1 << 20;
constexpr int most_tasks = 1 << 24;
constexpr int most_on_node = 1 << 16;
constexpr int most_restarts = std::numeric_limits<int>::max();

template <typename Number>
std::optional<Number> parse(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

class Reader {
  public:
    Reader(const Lookup& lookup, std::vector<std::string>& notes)
        : lookup_(lookup), notes_(notes) {}

    std::string text(const char* name) const { return lookup_(name).value_or(""); }
    std::string text(const char* name, const char* older_name) const {
        const std::string value = text(name);
        return value.empty() ? text(older_name) : value;
    }
    std::optional<int> number(const char* name, int most) {
        const auto value = lookup_(name);
        if (!value) return std::nullopt;
        const auto parsed = parse<int>(*value);
        if (parsed && *parsed >= 0 && *parsed <= most) return parsed;
        const bool large = parsed && *parsed > most;
        const std::string why = large ? fmt::format("above {}", most) : "no number";
        notes_.push_back(fmt::format("{} is '{}', which is {}; ignored", name, *value, why));
        return std::nullopt;
    }

  private:
    const Lookup& lookup_;
    std::vector<std::string>& notes_;
};

// Slurm numbers the batch script, the interactive shell and the extern step from the top of 32
// bits.
std::string id_of_task_step(const std::string& step_id) {
    constexpr std::uint32_t first_pseudo_step = 0xfffffff0U;
    const auto number = parse<std::uint32_t>(step_id);
    return number && *number < first_pseudo_step ? step_id : "";
}

void read_components(Reader& read, Environment& environment) {
    int tasks = 0;
    for (int group = 0; group < *environment.components; ++group) {
        tasks += read.number(fmt::format("SLURM_NTASKS_HET_GROUP_{}", group).c_str(), most_tasks)
                     .value_or(0);
    }
    if (tasks > 0) environment.job_tasks = tasks;
    const std::string nodes = read.text("SLURM_STEP_NODELIST");
    environment.first_component_only =
        !nodes.empty() && nodes == read.text("SLURM_JOB_NODELIST_HET_GROUP_0");
}

// In a step over several components the list is in the order of the nodes' names, but SLURM_NODEID
// counts them in the order of the components (Slurm 22.05).
std::optional<int> node_tasks_of(const Reader& read, const Environment& environment) {
    const std::string list = read.text("SLURM_STEP_TASKS_PER_NODE");
    if (environment.heterogeneous() && !is_even(list)) return std::nullopt;
    return tasks_on_node(list, *environment.node_id);
}

}  // namespace

bool is_even(std::string_view tasks_per_node) {
    return tasks_per_node.find(',') == std::string_view::npos;
}

std::optional<int> tasks_on_node(std::string_view list, int node) {
    while (!list.empty()) {
        std::string_view entry = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), entry.size() + 1));
        const auto times_at = entry.find("(x");
        std::optional<int> times = 1;
        if (times_at != entry.npos) {
            std::string_view count = entry.substr(times_at + 2);
            times = parse<int>(count.substr(0, count.find(')')));
        }
        const auto tasks = parse<int>(entry.substr(0, times_at));
        if (!tasks || *tasks > most_on_node || !times || *times < 1) return std::nullopt;
        if (node < *times) return tasks;
        node -= *times;
    }
    return std::nullopt;
}

Environment read_environment(const Lookup& lookup) {
    Environment environment;
    Reader read(lookup, environment.notes);
    environment.job_id = read.text("SLURM_JOB_ID", "SLURM_JOBID");
    environment.step_id = id_of_task_step(read.text("SLURM_STEP_ID", "SLURM_STEPID"));
    environment.restart_count = read.number("SLURM_RESTART_COUNT", most_restarts);
    environment.mpi_type = read.text("SLURM_MPI_TYPE");
    environment.node_name = read.text("SLURMD_NODENAME");
    environment.proc_id = read.number("SLURM_PROCID", most_tasks);
    environment.local_id = read.number("SLURM_LOCALID", most_on_node);
    environment.node_id = read.number("SLURM_NODEID", most_nodes);
    environment.nodes = read.number("SLURM_STEP_NUM_NODES", most_nodes);
    environment.tasks = read.number("SLURM_NTASKS", most_tasks);
    environment.step_tasks = read.number("SLURM_STEP_NUM_TASKS", most_tasks);
    environment.node_tasks = read.number("OMPI_COMM_WORLD_LOCAL_SIZE", most_on_node);
    environment.components = read.number("SLURM_HET_SIZE", most_components);
    environment.component_job_id = read.text("SLURM_HET_JOB_ID");
    if (environment.heterogeneous()) read_components(read, environment);
    if (environment.node_id) environment.node_tasks = node_tasks_of(read, environment);
    environment.pmix_rank = read.number("PMIX_RANK", most_tasks);
    environment.pmix_name_space = read.text("PMIX_NAMESPACE");
    return environment;
}

Environment read_environment() {
    Environment environment = read_environment([](const char* name) -> std::optional<std::string> {
        const char* value = std::getenv(name);
        if (value == nullptr) return std::nullopt;
        return value;
    });
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) == 0) environment.host_name = host.data();
    return environment;
}

}  // namespace warpstep::step
