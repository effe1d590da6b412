// SPDX-License-Identifier: Apache-2.0
// The process that becomes the task.
#include <algorithm>
#include <string_view>

#include "runtime/process/failure.hpp"
#include "runtime/process/memory_policy.hpp"
#include "runtime/process/thread_affinity.hpp"
#include "slurm/spank/ask.hpp"
#include "slurm/spank/orders.hpp"
#include "slurm/spank/plugin.hpp"

namespace warpstep::spank {
namespace {

using process::Failure;

std::vector<std::string> environment_of(spank_t spank) {
    char** variables = nullptr;
    if (spank_get_item(spank, S_JOB_ENV, &variables) != ESPANK_SUCCESS || variables == nullptr)
        throw Failure("Slurm does not tell the task's environment");
    std::vector<std::string> environment;
    for (; *variables != nullptr; ++variables) environment.emplace_back(*variables);
    return environment;
}

bool has_variable(const std::vector<std::string>& environment, std::string_view start) {
    return std::any_of(environment.begin(), environment.end(),
                       [&](const std::string& entry) { return entry.starts_with(start); });
}

std::vector<std::string> command_of(const Plugin& plugin) {
    std::vector<std::string> command{plugin.settings->program, "exec"};
    command.insert(command.end(), plugin.options.begin(), plugin.options.end());
    return command;
}

/// `warpstep exec` before the program does all that we do here, and the ranks meet over PMIx.
void prepend(const Plugin& plugin, spank_t spank) {
    std::vector<std::string> command = command_of(plugin);
    command.emplace_back("--");
    std::vector<const char*> words;
    for (const std::string& word : command) words.push_back(word.c_str());
    const spank_err_t error =
        spank_prepend_task_argv(spank, static_cast<int>(words.size()), words.data());
    if (error != ESPANK_SUCCESS)
        throw Failure(std::string("Slurm did not prepend warpstep (") + spank_strerror(error) +
                      ")");
}

Orders ask(const Plugin& plugin, std::vector<std::string> environment) {
    Question question{command_of(plugin), std::move(environment), plugin.settings->deadline};
    question.command.emplace_back("--print");
    std::erase_if(question.environment,
                  [](const std::string& entry) { return entry.starts_with("WARPSTEP_MEETING="); });
    question.environment.push_back("WARPSTEP_MEETING=" + plugin.meeting);
    return parse_orders(answer_to(question));
}

/// The affinity first: it is what may fail.
void place(spank_t spank, const Orders& orders) {
    if (!orders.cpus.empty()) process::bind_threads(orders.cpus);
    const std::string warning = process::prefer_memory_of(orders.memory);
    if (!warning.empty()) say(warning);
    for (const process::Change& change : orders.changes)
        if (spank_setenv(spank, change.name.c_str(), change.value.c_str(), 1) != ESPANK_SUCCESS)
            throw Failure("Slurm did not set " + change.name);
}

std::string name_of_task(spank_t spank) {
    std::uint32_t rank = 0;
    if (spank_get_item(spank, S_TASK_GLOBAL_ID, &rank) != ESPANK_SUCCESS) return "a task";
    return "rank " + std::to_string(rank);
}

}  // namespace

void start_task(const Plugin& plugin, spank_t spank) {
    if (!plugin.active) return;
    try {
        const auto environment = environment_of(spank);
        const bool can_prepend = &spank_prepend_task_argv != nullptr &&
                                 plugin.settings->may_prepend &&
                                 has_variable(environment, "PMIX_NAMESPACE=");
        if (can_prepend)
            prepend(plugin, spank);
        else
            place(spank, ask(plugin, environment));
    } catch (const Failure& failure) {
        say(name_of_task(spank) + " runs unplaced: " + failure.what());
    }
}

}  // namespace warpstep::spank
