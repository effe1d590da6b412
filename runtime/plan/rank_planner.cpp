// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/rank_planner.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/device/gpu_models.hpp"
#include "runtime/plan/accesses.hpp"
#include "runtime/plan/dataset_plan.hpp"
#include "runtime/plan/fitting.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/reference_step.hpp"
#include "runtime/plan/step_values.hpp"
#include "runtime/plan/store_file.hpp"
#include "runtime/plan/user_kernel_plan.hpp"
#include "runtime/plan/verify_rule.hpp"

namespace warpstep::plan {
namespace {

using workload::Loop;
using workload::Step;

constexpr const char* memory_of_nodes = "the memory of the ranks' nodes";
constexpr const char* free_memory_of_nodes = "how much memory is free on the ranks' nodes";

// No name of a file, so that only planning asks for it.
std::string cut_name(const std::string& dataset) {
    return "cut of " + dataset;
}

std::string exact(const DatasetPlan& set) {
    return fmt::format("{} {} {} {} {} {}", set.rows, set.features, set.batches, set.batch_rows,
                       set.rows_here, set.seed.value_or(-1));
}

const workload::KernelSpec* kernel_of(const Step& spec, const workload::Workload& workload) {
    for (const auto& kernel : workload.kernels) {
        if (kernel.name == spec.run) return &kernel;
    }
    return nullptr;
}

}  // namespace

RankPlanner::RankPlanner(const workload::Workload& workload, const step::Step& step,
                         const PlanFacts& facts)
    : workload_(workload), facts_(facts) {
    plan_->workload = &workload;
    const int count = static_cast<int>(facts.devices.size());
    for (int i = 0; i < count; ++i) {
        const device::Facts& device = facts.devices[static_cast<std::size_t>(i)].facts;
        plan_->lanes.push_back({device.kind, RankScope(workload, step, device, i, count)});
    }
    plan_datasets(step.rank);
}

void RankPlanner::plan_datasets(int rank) {
    const int members = static_cast<int>(scope().count("members"));
    for (const auto& spec : workload_.datasets) {
        DatasetPlan set =
            plan_dataset(spec, scope(), facts_.tables, members, rank * devices(), devices());
        for (LanePlan& lane : plan_->lanes) {
            lane.scope.set(spec.name + ".rows", count_value(set.rows));
            lane.scope.set(spec.name + ".features", count_value(set.features));
            lane.scope.set(cut_name(spec.name), text_value(exact(set)));
        }
        datasets_[spec.name] = set.features;
        plan_->datasets.push_back(std::move(set));
    }
}

std::shared_ptr<RankPlan> RankPlanner::operator()(Asked& asked, std::set<std::string>& reached) {
    for (LanePlan& lane : plan_->lanes) lane.scope.record(&asked);
    ask_for_shown();
    reach(workload_.steps, {true, std::nullopt, false});
    check_hazards_once(reached);
    plan_buffers_of_lanes();
    check_memory_of_lanes();
    add(workload_.steps, {});
    plan_probes();
    for (LanePlan& lane : plan_->lanes) lane.scope.record(nullptr);
    return std::move(plan_);
}

void RankPlanner::ask_for_shown() {
    for (const auto& param : workload_.params) {
        plan_->params.emplace_back(param.name, *scope().find(param.name));
    }
    for (const auto& spec : workload_.datasets)
        static_cast<void>(scope().find(cut_name(spec.name)));
}

template <typename Check>
bool RankPlanner::find_problem(const Check& check) {
    try {
        check();
        return false;
    } catch (const LogicError&) {
        throw;
    } catch (const Error& error) {
        Problem problem{error.what(), error.code()};
        auto& all = plan_->problems;
        if (std::find(all.begin(), all.end(), problem) == all.end()) all.push_back(problem);
        return true;
    }
}

template <typename Check>
void RankPlanner::ask_node(const std::string& question, const Check& check) {
    if (facts_.here) {
        find_problem(check);
        return;
    }
    leave_unchecked(question);
}

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

// A group that names its members leaves the others out; `{ by: … }` has a group for everybody. A
// task with fewer devices than the file speaks of does the work on those it has.
void RankPlanner::reach(const std::vector<Step>& steps, const Reached& around) {
    for (const Step& spec : steps) {
        Reached here{around.active, around.device, false};
        here.active = here.active && (!spec.condition || spec.condition->evaluate_truth(scope()));
        if (here.active && spec.device) {
            const std::int64_t wanted = decided_count(spec.device, scope(), 0, 0);
            here.device = static_cast<int>(wanted % devices());
            here.falls_back = wanted >= devices();
        }
        reached_[&spec] = here;
        reach(spec.steps, here);
    }
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

void RankPlanner::plan_buffers_of_lanes() {
    const auto collective = collective_buffers(workload_.steps);
    for (int i = 0; i < devices(); ++i) {
        LanePlan& lane = plan_->lanes[static_cast<std::size_t>(i)];
        auto all = plan_buffers(workload_, lane.scope, collective);
        if (i == 0) plan_->buffers = all;
        if (devices() > 1) {
            const auto here = buffers_on(i, workload_, facts_of_steps());
            std::erase_if(all, [&](const BufferPlan& plan) { return here.count(plan.name) == 0; });
        }
        lane.buffers = std::move(all);
        plan_->needs.push_back(memory_needs(lane.buffers, lane.kind));
    }
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

void RankPlanner::add(const std::vector<Step>& steps, const Around& around) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        Around here = around;
        here.number += (around.number.empty() ? "" : ".") + std::to_string(i + 1);
        add(steps[i], std::move(here));
    }
}

void RankPlanner::add(const Step& spec, Around around) {
    StepPlan step;
    step.spec = &spec;
    step.number = around.number;
    step.depth = around.depth;
    step.condition = joined_condition(around.condition, spec.condition);
    step.looped = around.looped;
    const Reached& here = reached_.at(&spec);
    step.active = here.active;
    step.device = here.device;
    step.falls_back = here.falls_back;
    const bool collective = is_collective(spec.run) && kernel_of(spec, workload_) == nullptr;
    if (collective) note(step, around);
    const bool undecided = step.runs() && find_problem([&] { decide(step); });
    if (collective) {
        plan_->notes[*step.note].times = step.warmup + step.times;
    }
    if (step.runs() && !undecided) check(step);
    around.condition = step.condition;
    ++around.depth;
    plan_loops(step, around);
    const std::size_t index = plan_->steps.size();
    plan_->steps.push_back(std::move(step));
    add(spec.steps, around);
    plan_->steps[index].end = plan_->steps.size();
    plan_references(index);
}

// Everything that is decided before the run; what does not run here need not make sense here.
void RankPlanner::decide(StepPlan& step) {
    const Step& spec = *step.spec;
    step.warmup = decided_count(spec.warmup, scope(), 0, 0);
    step.times = decided_count(spec.times, scope(), 1, 1);
    if (spec.timeout) step.timeout = decided_timeout(*spec.timeout, scope());
    if (spec.graph) {
        step.launches = decided_count(spec.graph->launches, scope(), 1, 1);
        step.graph_warmup = decided_count(spec.graph->warmup, scope(), 0, 0);
    }
    for (int i = 0; i < devices(); ++i) {
        if (!step.device || *step.device == i) step.devices.push_back(i);
    }
    if (spec.device && step.falls_back) {
        plan_->remarks.push_back(
            fmt::format("step '{}' wants device {} but the task has {} (gpus_per_task gives "
                        "more); it runs on device {}",
                        spec.name, spec.device->evaluate_count(scope()), devices(), *step.device));
    }
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

// Also what this rank does not reach is noted: the others may.
void RankPlanner::note(StepPlan& step, const Around& around) {
    CollectiveNote note = note_of(*step.spec, plan_->buffers, scope(), step.active);
    step.member = note.colour >= 0;
    note.active = step.runs();
    note.condition = step.condition;
    note.turns = around.turns;
    note.devices = devices();
    note_dataset(*step.spec, note);
    step.message_bytes = message_bytes(*step.spec);
    step.note = plan_->notes.size();
    plan_->notes.push_back(std::move(note));
}

// What members add up of a table must be as much on all of them.
void RankPlanner::note_dataset(const Step& spec, CollectiveNote& note) const {
    for (const auto& [argument, value] : spec.with) {
        for (const DatasetPlan& set : plan_->datasets) {
            if (set.name == value.value.root().text)
                note.buffers.push_back(
                    {set.name, set.rows, fmt::format("rows of {} inputs", set.features)});
        }
    }
}

// At the end of the run, by all ranks.
void RankPlanner::note_probe(const Probe& probe) {
    Step step = probe.evaluation;
    if (step.run.empty()) {
        const std::string& name = probe.node->text;
        if (!name.ends_with(seen_once)) return;
        step.name = name;
        step.mark = probe.expression->mark();
        step.with.emplace("data", workload::Argument{workload::Expression::parse(
                                      name.substr(0, name.size() - seen_once.size()))});
    }
    CollectiveNote note = note_of(step, plan_->buffers, scope());
    if (note.run.empty()) note.run = "all rows are counted";
    note.devices = devices();
    note_dataset(step, note);
    plan_->notes.push_back(std::move(note));
}

std::optional<std::size_t> RankPlanner::message_bytes(const Step& spec) const {
    const OperationRow& row = *find_operation(spec.run);
    std::optional<std::size_t> most;
    if (row.compared == OperationRow::Compared::nothing) return most;
    for (const OperationArgument& argument : row.arguments) {
        const auto it = spec.with.find(argument.name);
        if (!argument.is_buffer() || it == spec.with.end()) continue;
        for (const auto& plan : plan_->buffers) {
            if (plan.name != it->second.value.root().text) continue;
            const bool rows =
                row.compared == OperationRow::Compared::columns && !plan.shape.empty();
            const std::size_t bytes =
                rows ? 2 * static_cast<std::size_t>(plan.shape.back()) * size_of(plan.dtype)
                     : plan.bytes();
            most = std::max(most.value_or(0), bytes);
        }
    }
    return most;
}

void RankPlanner::plan_loops(StepPlan& step, Around& around) {
    const auto set_loop = [&](const std::string& name, std::int64_t value) {
        for (LanePlan& lane : plan_->lanes) lane.scope.set_loop(name, count_value(value));
    };
    for (const Loop& loop : step.spec->for_each) {
        std::int64_t turns = 0;
        if (loop.kind == Loop::Kind::range) {
            if (step.runs())
                find_problem([&] { turns = decided_count(loop.count, scope(), 0, 0); });
            set_loop(loop.variable, 0);
            set_loop("epoch", 0);
        } else {
            for (const auto& set : plan_->datasets) {
                if (set.name != loop.dataset) continue;
                if (step.runs()) turns = set.batches;
                batches_[loop.variable] = set.features;
            }
            for (const auto* field : {"size", "rows", "index"}) {
                set_loop(loop.variable + "." + field, 1);
            }
        }
        around.looped = true;
        step.turns.push_back(turns);
        around.turns.push_back({step.spec->name, turns});
    }
    if (step.launches) {
        around.turns.push_back({step.spec->name, step.graph_warmup + *step.launches});
    } else if (step.spec->graph) {
        around.turns.push_back({step.spec->name, 0});
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
