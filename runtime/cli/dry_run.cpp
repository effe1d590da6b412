// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/dry_run.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/dry_kernels.hpp"
#include "runtime/cli/dry_machine.hpp"
#include "runtime/cli/dry_node.hpp"
#include "runtime/cli/prepare.hpp"
#include "runtime/plan/layout.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/planner.hpp"
#include "runtime/report/dry_run.hpp"
#include "runtime/workload/load.hpp"
#include "runtime/workload/matrix.hpp"

namespace warpstep::cli {
namespace {

std::optional<std::string> variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Every name that sizes and launches are made of.
std::set<std::string> names_read(const workload::Workload& workload) {
    std::set<std::string> used;
    const auto add = [&](const workload::Expression& expression) {
        for (const auto& name : expression.names()) used.insert(name);
    };
    for (const auto& param : workload.params) add(param.value);
    for (const auto& buffer : workload.buffers) {
        for (const auto& extent : buffer.shape) add(extent);
    }
    for (const auto& kernel : workload.kernels) {
        for (const auto* list : {&kernel.grid, &kernel.block, &kernel.threads}) {
            for (const auto& extent : *list) add(extent);
        }
    }
    return used;
}

bool is_count_of_sms(const std::string& name) {
    return name == "device.sm_count" || name == "gpu.sm_count";
}

bool reads_sms(const workload::Workload& workload) {
    const auto used = names_read(workload);
    return std::any_of(used.begin(), used.end(), is_count_of_sms);
}

// What the file reads of a GPU that is not here.
std::set<std::string> unknown_facts(const workload::Workload& workload) {
    std::set<std::string> unknown;
    for (const auto& name : names_read(workload)) {
        const bool is_fact = name.starts_with("device.") || name.starts_with("gpu.");
        const bool known = name == "device.kind" || name == "device.index" || is_count_of_sms(name);
        if (is_fact && !known) unknown.insert(name);
    }
    return unknown;
}

void add_notes(report::DryRun& run, const DryMachine& machine, const plan::StepLayout& layout,
               bool component) {
    if (!run.device_is_here && machine.device().facts.name.empty()) {
        std::string note =
            machine.arch().empty()
                ? "no GPU here: device.kind is cuda, its memory and peaks are unknown"
                : machine.arch() +
                      " tells neither the GPU's memory nor its peaks; --assume a model";
        if (const auto used = unknown_facts(run.workload); !used.empty()) {
            note +=
                fmt::format("; {} count{} as 0 or \"\", so numbers below may differ",
                            join({used.begin(), used.end()}, ", "), used.size() == 1 ? "s" : "");
        }
        run.notes.push_back(note);
    }
    if (!machine.knows_sms() && reads_sms(run.workload)) {
        run.notes.emplace_back(
            "nobody knows how many multiprocessors the GPU has: device.sm_count counts as 1");
    }
    if (component && layout.by.starts_with("as this job")) {
        run.notes.emplace_back(
            "only this component of the heterogeneous job is counted; use --ranks for all");
    }
}

std::size_t terminal_width() {
    constexpr std::size_t otherwise = 100, least = 40, most = 160;
    winsize size{};
    std::size_t width = 0;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width = size.ws_col;
    if (width == 0) {
        const char* columns = std::getenv("COLUMNS");
        width = columns == nullptr ? 0 : std::strtoul(columns, nullptr, 10);
    }
    return width == 0 ? otherwise : std::clamp(width, least, most);
}

void write(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        fail<EnvironmentError>("cannot write to stdout; check where it goes");
}

void print(const report::DryRun& run, const RunOptions& options) {
    if (options.json != "-") {
        write(report::dry_run_text(run, terminal_width(), ::isatty(STDOUT_FILENO) == 1));
    }
    if (options.json.empty()) return;
    const std::string json = report::dry_run_json(run);
    if (options.json == "-") {
        write(json);
    } else {
        write_file_atomically(options.json, json);
    }
}

// The workload's `placement:` on each kind of node there is; without a node that is left unchecked.
void place(const RunOptions& options, const DryMachine& machine, const plan::StepLayout& layout,
           bool in_step, report::DryRun& run, std::vector<plan::Problem>& problems) {
    const auto& wanted = run.workload.placement;
    const bool cuda = machine.device().facts.kind == device::Kind::cuda;
    int devices = std::max(1, wanted.gpus_per_task.value_or(1));
    // In a job step rank 0 sees what it was granted, not what the node's other tasks have.
    if (machine.node() && (!in_step || !options.topology.empty())) {
        const std::set<int> kinds(layout.tasks.begin(), layout.tasks.end());
        for (const int tasks : kinds) {
            DryPlacement placed = place_dry(run.workload, *machine.node(), tasks, cuda);
            // As many as the ranks of the fullest node have: a run wants them alike.
            devices = placed.devices;
            for (auto& note : placed.notes) run.notes.push_back(std::move(note));
            for (auto& problem : placed.problems) {
                const bool known =
                    std::find(problems.begin(), problems.end(), problem) != problems.end();
                if (!known) problems.push_back(std::move(problem));
            }
        }
    } else if (wanted.gpus_per_task || wanted.cpus_per_task || wanted.strict) {
        run.unchecked.emplace_back("whether the ranks' nodes have what 'placement' asks for");
    }
    run.facts.devices.assign(static_cast<std::size_t>(devices), machine.device());
    run.topology = options.topology;
}

// What a run is told by its devices and its node. Elsewhere only the ranks' own nodes can tell.
void find_facts(const RunOptions& options, const DryMachine& machine, bool in_step,
                report::DryRun& run) {
    plan::PlanFacts& facts = run.facts;
    const bool described = !options.topology.empty();
    facts.here = !described && (in_step || options.here);
    run.device_is_here = machine.device_is_here();
    for (auto& device : facts.devices) {
        if (!facts.here && !described && options.assume.empty()) device.free.reset();
    }
    facts.device_sharers = std::max(1, run.workload.placement.share);
    if (facts.here) facts.host = plan::host_memory();
    if (described) facts.host = described_memory(*machine.node());
    facts.tables = plan::table_shapes(run.workload);
}

// The other combinations of the matrix, up to as many as one waits for.
void plan_others(const std::vector<step::Step>& steps, plan::StepPlans& first,
                 report::DryRun& run) {
    constexpr std::uint64_t most = 10'000;
    const std::uint64_t all = workload::count_combinations(run.workload);
    run.combinations = all;
    for (std::uint64_t i = 1; i < std::min(all, most); ++i) {
        const auto one =
            workload::with_params(run.workload, workload::combination(run.workload, i));
        for (auto& problem : plan::plan_all(one, steps, run.facts).problems) {
            auto& known = first.problems;
            if (std::find(known.begin(), known.end(), problem) == known.end()) {
                known.push_back(std::move(problem));
            }
        }
    }
    if (all > most) {
        run.unchecked.push_back(
            fmt::format("{} of the {} combinations of 'matrix' (only the first {} are planned)",
                        all - most, all, most));
    }
}

}  // namespace

int dry_run(const RunOptions& options) {
    const step::Environment environment = step::read_environment();
    const bool in_step = environment.in_step();
    if (in_step && environment.proc_id.value_or(0) != 0) return 0;
    const auto workload = workload::load_workload(options.file, plan::operations(),
                                                  {options.overrides, options.params_files});
    const plan::StepLayout layout = plan::step_layout(
        {options.dry_ranks, options.dry_per_node, options.local_ranks}, variable, workload);
    const auto steps = plan::steps_of(layout.tasks);
    report::DryRun run{workload};
    run.ranks = static_cast<int>(steps.size());
    run.nodes = static_cast<int>(layout.tasks.size());
    run.ranks_by = layout.by;
    const DryMachine machine(options, steps.front().local_size);
    std::vector<plan::Problem> of_placement;
    place(options, machine, layout, in_step, run, of_placement);
    find_facts(options, machine, in_step, run);
    add_notes(run, machine, layout, environment.heterogeneous());
    DryKernels kernels(machine.arch());
    run.facts.compiled = [&](const workload::KernelSpec& spec) { return kernels.look(spec); };
    check_ranks(workload, steps.front(), run.facts.devices.front().facts);
    check_ranks(workload, steps.back(), run.facts.devices.front().facts);
    plan::StepPlans plans = plan::plan_all(workload, steps, run.facts);
    run.programs = std::move(plans.ranks);
    for (auto& question : plans.unchecked) run.unchecked.push_back(std::move(question));
    plans.problems.insert(plans.problems.begin(), of_placement.begin(), of_placement.end());
    plan_others(steps, plans, run);
    int code = 0;
    for (const auto& problem : plans.problems) {
        run.problems.push_back(problem.text);
        code = std::max(code, static_cast<int>(problem.code));
    }
    print(run, options);
    for (const auto& problem : run.problems) log::error(problem);
    return code;
}

}  // namespace warpstep::cli
