// SPDX-License-Identifier: Apache-2.0
// What a rank refuses of its own work.
#include "runtime/plan/rank_planner.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/device/gpu_models.hpp"
#include "runtime/plan/accesses.hpp"
#include "runtime/plan/fitting.hpp"
#include "runtime/plan/reference_step.hpp"
#include "runtime/plan/store_file.hpp"
#include "runtime/plan/user_kernel_plan.hpp"
#include "runtime/plan/verify_rule.hpp"

namespace warpstep::plan {
namespace {

using workload::Step;

constexpr const char* memory_of_nodes = "the memory of the ranks' nodes";
constexpr const char* free_memory_of_nodes = "how much memory is free on the ranks' nodes";

}  // namespace

void RankPlanner::leave_unchecked(const std::string& question) {
    auto& all = plan_->unchecked;
    if (std::find(all.begin(), all.end(), question) == all.end()) all.push_back(question);
}

// First what holds for all kernels, because a kernel that is compiled costs seconds.
void RankPlanner::check_launch(StepPlan& step, const workload::KernelSpec& kernel) {
    const LaunchPlan plan = plan_launch(kernel, scope());
    step.launch = {plan.shape.grid, plan.shape.block, plan.shape.shared_bytes};
    const DeviceFacts& device = facts_.devices.front();
    if (plan.empty || device.facts.kind == device::Kind::host) return;
    const auto* architecture = device.arch.empty() ? device::architecture_of(device.facts.name)
                                                   : device::architecture_named(device.arch);
    std::optional<std::uint64_t> shared;
    if (architecture != nullptr) shared = architecture->shared_of_block;
    check_limits(kernel, plan.shape, kernels::launch_limits(nullptr, shared));
    std::optional<kernels::ImageFunction> function;
    if (facts_.compiled) function = facts_.compiled(kernel);
    if (!function || !function->registers) {
        leave_unchecked("the registers of kernels, which their compiler knows");
    }
    if (function) check_limits(kernel, plan.shape, kernels::launch_limits(&*function, shared));
}

StepFacts RankPlanner::facts_of_steps() const {
    return {[this](const Step& spec) {
                return reached_.at(&spec).active &&
                       (!spec.group || group_colour(spec.group, scope()) >= 0);
            },
            [this](const Step& spec) { return reached_.at(&spec).device; }};
}

// Ranks that come to the same steps on the same devices are compared once.
void RankPlanner::check_hazards_once(std::set<std::string>& reached) {
    const StepFacts facts = facts_of_steps();
    std::string key;
    for (const auto& [spec, here] : reached_) {
        key += facts.active(*spec) ? '1' : '0';
        if (here.device) key += fmt::format("d{} ", *here.device);
    }
    if (reached.count(key) > 0) return;
    if (!find_problem([&] { check_hazards(workload_, facts); })) reached.insert(key);
}

// Device memory is each device's own; on the host, the buffers of all devices of a task add up.
void RankPlanner::check_memory_of_lanes() {
    const int sharers = static_cast<int>(scope().count("local_ranks"));
    std::vector<BufferPlan> all;
    for (std::size_t i = 0; i < plan_->lanes.size(); ++i) {
        const LanePlan& lane = plan_->lanes[i];
        MemoryLimits limits{lane.kind, facts_.devices[i].free, facts_.device_sharers, std::nullopt,
                            sharers};
        if (lane.kind == device::Kind::host) limits.device_free.reset();
        if (limits.device_free) {
            find_problem([&] { check_memory(lane.buffers, limits, workload_); });
        }
        all.insert(all.end(), lane.buffers.begin(), lane.buffers.end());
    }
    const auto& first = facts_.devices.front();
    const bool one = devices() == 1;
    const MemoryLimits limits{first.facts.kind, one ? first.free : std::nullopt,
                              facts_.device_sharers, facts_.host, sharers};
    const auto check = [&] { check_memory(all, limits, workload_); };
    if (!facts_.here && facts_.host) {
        find_problem(check);
        return leave_unchecked(free_memory_of_nodes);
    }
    ask_node(memory_of_nodes, check);
}

void RankPlanner::check(StepPlan& step) {
    const Step& spec = *step.spec;
    find_problem([&] {
        if (step.looped && !spec.verify.empty() && !spec.run.empty()) {
            fail<ConfigError>(
                "{}: step '{}' verifies inside for_each (it would be checked at every turn); move "
                "'verify' to the step that holds the loop",
                show(spec.mark), spec.name);
        }
        if (spec.group && devices() > 1) {
            fail<ConfigError>(
                "{}: step '{}' joins a group, but the task has {} devices (groups are made of "
                "tasks with one device each); use gpus_per_task: 1",
                show(spec.mark), spec.name, devices());
        }
    });
    if (const auto* kernel = kernel_of(spec, workload_)) {
        find_problem([&] { check_launch(step, *kernel); });
    }
    for (const int i : step.devices) check_on(step, plan_->lanes[static_cast<std::size_t>(i)]);
}

void RankPlanner::check_on(const StepPlan& step, const LanePlan& lane) {
    const Step& spec = *step.spec;
    if (const auto* kernel = kernel_of(spec, workload_)) {
        find_problem(
            [&] { check_user_kernel(spec, *kernel, lane.buffers, lane.kind, lane.scope); });
    } else if (!spec.run.empty()) {
        fit(spec, lane, lane.buffers);
    }
    for (const auto& rule : spec.verify) {
        find_problem([&] { check_rule(rule, lane.buffers, lane.scope); });
    }
}

void RankPlanner::fit(const Step& spec, const LanePlan& lane,
                      const std::vector<BufferPlan>& buffers) {
    const Fitting fitting{buffers, batches_, datasets_, lane.scope};
    if (find_problem([&] { check_fitting(spec, fitting); })) return;
    if (const auto folder = folder_of(spec, lane.scope)) {
        ask_node(fmt::format("whether {} is a folder", folder->folder),
                 [&] { check_folder(*folder); });
    }
}

void RankPlanner::plan_references(std::size_t index) {
    const StepPlan& step = plan_->steps[index];
    if (!step.runs()) return;
    for (const auto& rule : step.spec->verify) {
        if (rule.reference.empty()) continue;
        for (const int device : step.devices) {
            const LanePlan& lane = plan_->lanes[static_cast<std::size_t>(device)];
            find_problem([&] {
                const Step* writer = last_writer(index, rule.buffer, device);
                check_reference(*step.spec, rule, writer);
                ReferencePlan reference{index, device, &rule, "reference_of_" + rule.buffer, {}};
                reference.evaluation = reference_step(*writer, rule, reference.scratch);
                auto buffers = lane.buffers;
                for (const auto& plan : lane.buffers) {
                    if (plan.name != rule.buffer) continue;
                    buffers.push_back(plan);
                    buffers.back().name = reference.scratch;
                }
                fit(reference.evaluation, lane, buffers);
                plan_->references.push_back(std::move(reference));
            });
        }
    }
}

// The step that a container's rule on a buffer speaks of: the last one inside that writes it.
const Step* RankPlanner::last_writer(std::size_t index, const std::string& buffer,
                                     int device) const {
    for (std::size_t i = plan_->steps[index].end; i-- > index;) {
        const StepPlan& step = plan_->steps[i];
        const auto& on = step.devices;
        if (!step.runs() || std::find(on.begin(), on.end(), device) == on.end()) continue;
        if (run_accesses_of(*step.spec, workload_).writes.count(buffer) > 0) return step.spec;
    }
    return nullptr;
}

void RankPlanner::plan_probes() {
    plan_->probes = probes_of(workload_);
    plan_->watched = watched_of(workload_, plan_->probes);
    std::map<std::string, std::int64_t> weights;
    for (const auto& spec : workload_.datasets) {
        if (spec.generate) weights[spec.name] = datasets_.at(spec.name);
    }
    for (const Probe& probe : plan_->probes) {
        note_probe(probe);
        if (!probe.evaluation.run.empty()) {
            for (const LanePlan& lane : plan_->lanes) fit(probe.evaluation, lane, lane.buffers);
        } else {
            find_problem([&] { check_probe_on_lanes(probe, weights); });
        }
    }
}

void RankPlanner::check_probe_on_lanes(const Probe& probe,
                                       const std::map<std::string, std::int64_t>& weights) const {
    for (const LanePlan& lane : plan_->lanes) {
        if (holds_all(lane.buffers, probe, workload_))
            return check_probe(probe, lane.buffers, weights, lane.scope);
    }
    fail<ConfigError>(
        "{}: no device of the task holds all that '{}' reads (each has the buffers of its own "
        "steps); name buffers of one device",
        show(probe.expression->mark()), probe.key);
}

}  // namespace warpstep::plan
