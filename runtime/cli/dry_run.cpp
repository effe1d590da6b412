// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/dry_run.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/prepare.hpp"
#include "runtime/device/gpu_models.hpp"
#include "runtime/device/host/host_device.hpp"
#include "runtime/plan/layout.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/planner.hpp"
#include "runtime/report/dry_run.hpp"
#include "runtime/topology/discover.hpp"
#include "runtime/workload/load.hpp"
#include "runtime/workload/matrix.hpp"

namespace warpstep::cli {
namespace {

std::optional<std::string> variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

device::Facts host_facts(int local_ranks) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return device::host::HostDevice(std::max(1, cores / std::max(1, local_ranks))).facts();
}

// A GPU of a model ("h100"), or of an architecture ("sm_90"), of which its limits are known.
plan::DeviceFacts assumed_device(const std::string& word) {
    plan::DeviceFacts device;
    device.facts.kind = device::Kind::cuda;
    for (const auto& model : device::gpu_models()) {
        if (model.arch != word) continue;
        device.shared_of_block = model.shared_of_block;
        return device;
    }
    device.facts = device::facts_of(device::assumed_model(word));
    device.free = device.facts.memory_bytes;
    return device;
}

// The device that the ranks would open, as far as this machine can tell.
plan::DeviceFacts find_device(const RunOptions& options, int local_ranks, report::DryRun& run) {
    plan::DeviceFacts device;
    if (!options.assume.empty()) {
        run.device_is_here = false;
        return assumed_device(options.assume);
    }
    DeviceChoice choice;
    if (options.device != DeviceWish::host) {
        try {
            topology::Node node = topology::discover_node(topology::node_request(std::getenv));
            choice = choose_device(options.device, node);
        } catch (const Error&) {
            if (options.device != DeviceWish::cuda) throw;
            run.device_is_here = false;
            device.facts.kind = device::Kind::cuda;
            return device;
        }
    }
    if (choice.cuda == nullptr || choice.visible.empty()) {
        device.facts = host_facts(local_ranks);
        return device;
    }
    device.facts = choice.visible.front();
    device.free = device.facts.memory_bytes;
    return device;
}

// What the file reads of a GPU that is not here.
std::set<std::string> unknown_facts(const workload::Workload& workload) {
    std::set<std::string> used;
    const auto add = [&](const workload::Expression& expression) {
        for (const auto& name : expression.names()) {
            const bool is_fact = name.starts_with("device.") || name.starts_with("gpu.");
            if (is_fact && name != "device.kind" && name != "device.index") used.insert(name);
        }
    };
    for (const auto& param : workload.params) add(param.value);
    for (const auto& buffer : workload.buffers) {
        for (const auto& extent : buffer.shape) add(extent);
    }
    return used;
}

void add_notes(report::DryRun& run, const plan::StepLayout& layout, bool component) {
    if (!run.device_is_here && run.facts.devices.front().facts.name.empty()) {
        std::string note = "no GPU here: device.kind is cuda, its memory and peaks are unknown";
        if (const auto used = unknown_facts(run.workload); !used.empty()) {
            note +=
                fmt::format("; {} count{} as 0 or \"\", so numbers below may differ",
                            join({used.begin(), used.end()}, ", "), used.size() == 1 ? "s" : "");
        }
        run.notes.push_back(note);
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

// What a run is told by its devices and its node. Elsewhere only the ranks' own nodes can tell.
void find_facts(const RunOptions& options, const step::Step& first, bool in_step,
                report::DryRun& run) {
    plan::PlanFacts& facts = run.facts;
    facts.here = in_step || options.here;
    plan::DeviceFacts device = find_device(options, first.local_size, run);
    if (!facts.here && options.assume.empty()) device.free.reset();
    const int count = std::max(1, run.workload.placement.gpus_per_task.value_or(1));
    facts.devices.assign(static_cast<std::size_t>(count), device);
    facts.device_sharers = std::max(1, run.workload.placement.share);
    if (facts.here) facts.host = plan::host_memory();
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
    find_facts(options, steps.front(), in_step, run);
    add_notes(run, layout, environment.heterogeneous());
    check_ranks(workload, steps.front(), run.facts.devices.front().facts);
    check_ranks(workload, steps.back(), run.facts.devices.front().facts);
    plan::StepPlans plans = plan::plan_all(workload, steps, run.facts);
    run.programs = std::move(plans.ranks);
    run.unchecked = std::move(plans.unchecked);
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
