// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/paper.hpp"

#include <algorithm>
#include <unordered_map>

#include "runtime/base/error.hpp"
#include "runtime/plan/fitting.hpp"
#include "runtime/plan/hazards.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/paper_dataset.hpp"
#include "runtime/plan/step_values.hpp"
#include "runtime/plan/user_kernel_plan.hpp"
#include "runtime/plan/verify_rule.hpp"

namespace warpstep::plan {
namespace {

using workload::Loop;
using workload::Step;

/// What a step takes over from the containers around it.
struct Around {
    std::string number, condition;
    bool active = true;
    std::size_t depth = 0;
    std::optional<int> device;
    std::vector<CollectiveNote::Turns> turns;
};

class Planner {
  public:
    Planner(const workload::Workload& workload, const step::Step& step, const PaperFacts& facts)
        : workload_(workload),
          facts_(facts),
          scope_(workload, step, facts.device, 0, static_cast<int>(facts.devices)) {
        program_.rank = step.rank;
        for (const auto& param : workload.params) {
            program_.params.emplace_back(param.name, *scope_.find(param.name));
        }
        const auto collective = collective_buffers(workload.steps);
        program_.buffers = plan_buffers(workload, scope_, collective);
        for (const auto& spec : workload.kernels) kernels_.emplace(spec.name, &spec);
        const int members = step.size * facts.devices;
        for (const auto& spec : workload.datasets) {
            program_.datasets.push_back(plan_dataset(spec, scope_, facts.tables, members,
                                                     step.rank * facts.devices, facts.devices));
        }
    }

    RankProgram operator()() {
        add(workload_.steps, {});
        return std::move(program_);
    }

  private:
    void add(const std::vector<Step>& steps, const Around& around) {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            Around here = around;
            here.number += (around.number.empty() ? "" : ".") + std::to_string(i + 1);
            add(steps[i], std::move(here));
        }
    }

    void add(const Step& spec, Around around) {
        PaperStep step;
        step.spec = &spec;
        step.number = around.number;
        step.depth = around.depth;
        step.condition = joined_condition(around.condition, spec.condition);
        step.active = around.active && (!spec.condition || spec.condition->evaluate_truth(scope_));
        step.device = around.device;
        if (step.active) decide(step);
        if (is_collective(spec.run) && kernels_.count(spec.run) == 0) note(step, around);
        around.condition = step.condition;
        around.active = step.active;
        around.device = step.device;
        ++around.depth;
        plan_loops(step, around);
        program_.steps.push_back(std::move(step));
        add(spec.steps, around);
    }

    // Everything that is decided before the run; what does not run here need not make sense here.
    void decide(PaperStep& step) {
        const Step& spec = *step.spec;
        step.warmup = decided_count(spec.warmup, scope_, 0, 0);
        step.times = decided_count(spec.times, scope_, 1, 1);
        if (spec.timeout) step.timeout = decided_timeout(*spec.timeout, scope_);
        if (spec.device) {
            const std::int64_t wanted = decided_count(spec.device, scope_, 0, 0);
            step.device = static_cast<int>(wanted % facts_.devices);
            step.falls_back = wanted >= facts_.devices;
        }
        if (spec.graph) {
            step.launches = decided_count(spec.graph->launches, scope_, 1, 1);
            step.graph_warmup = decided_count(spec.graph->warmup, scope_, 0, 0);
        }
        for (const auto& rule : spec.verify) check_rule(rule, program_.buffers, scope_);
        if (const auto kernel = kernels_.find(spec.run); kernel != kernels_.end()) {
            check_user_kernel(spec, *kernel->second, program_.buffers, facts_.device.kind, scope_);
            const LaunchPlan plan = plan_launch(*kernel->second, scope_);
            step.launch = {plan.shape.grid, plan.shape.block, plan.shape.shared_bytes};
        } else {
            check_fitting(spec, program_.buffers, features_, scope_);
        }
    }

    void note(PaperStep& step, const Around& around) {
        CollectiveNote note = note_of(*step.spec, program_.buffers, scope_, step.active);
        note.condition = step.condition;
        note.times = step.warmup + step.times;
        note.turns = around.turns;
        step.message_bytes = message_bytes(*step.spec);
        step.note = program_.notes.size();
        program_.notes.push_back(std::move(note));
    }

    std::optional<std::size_t> message_bytes(const Step& spec) const {
        std::optional<std::size_t> most;
        for (const char* argument : {"buffer", "from", "to"}) {
            const auto it = spec.with.find(argument);
            if (it == spec.with.end()) continue;
            for (const auto& plan : program_.buffers) {
                if (plan.name != it->second.value.root().text) continue;
                const bool rows = spec.run == "halo_exchange" && !plan.shape.empty();
                const std::size_t bytes =
                    rows ? 2 * static_cast<std::size_t>(plan.shape.back()) * size_of(plan.dtype)
                         : plan.bytes();
                most = std::max(most.value_or(0), bytes);
            }
        }
        return most;
    }

    void plan_loops(PaperStep& step, Around& around) {
        for (const Loop& loop : step.spec->for_each) {
            std::int64_t turns = 0;
            if (loop.kind == Loop::Kind::range) {
                if (step.active) turns = decided_count(loop.count, scope_, 0, 0);
                scope_.set_loop(loop.variable, count_value(0));
            } else {
                for (const auto& set : program_.datasets) {
                    if (set.name != loop.dataset) continue;
                    if (step.active) turns = set.batches;
                    features_[loop.variable] = set.features;
                }
                for (const auto* field : {"size", "rows", "index"}) {
                    scope_.set_loop(loop.variable + "." + field, count_value(1));
                }
            }
            step.turns.push_back(turns);
            around.turns.push_back({step.spec->name, turns});
        }
    }

    const workload::Workload& workload_;
    const PaperFacts& facts_;
    RankScope scope_;
    std::map<std::string, std::int64_t> features_;  ///< of a row, by the loop variable of a batch
    std::unordered_map<std::string, const workload::KernelSpec*> kernels_;
    RankProgram program_;
};

void set_groups(std::vector<RankProgram>& programs, std::size_t step) {
    const std::size_t note = *programs[0].steps[step].note;
    std::vector<std::int64_t> colours;
    for (const auto& program : programs) colours.push_back(program.notes[note].colour);
    std::map<std::int64_t, std::shared_ptr<const std::vector<int>>> groups;
    for (std::size_t rank = 0; rank < programs.size(); ++rank) {
        if (colours[rank] < 0) continue;
        auto& members = groups[colours[rank]];
        if (!members) {
            members =
                std::make_shared<const std::vector<int>>(group_members(colours, colours[rank]));
        }
        programs[rank].steps[step].group = members;
    }
}

}  // namespace

bool RankProgram::same_as(const RankProgram& other) const {
    return params == other.params && buffers == other.buffers && needs == other.needs &&
           datasets == other.datasets && steps == other.steps;
}

RankProgram plan_on_paper(const workload::Workload& workload, const step::Step& step,
                          const PaperFacts& facts) {
    RankProgram program = Planner(workload, step, facts)();
    for (int device = 0; device < facts.devices; ++device) {
        program.needs.push_back(memory_needs(
            facts.devices == 1 ? program.buffers : buffers_of_device(program, workload, device),
            facts.device.kind));
    }
    return program;
}

std::vector<RankProgram> plan_on_paper(const workload::Workload& workload,
                                       const std::vector<step::Step>& steps,
                                       const PaperFacts& facts) {
    std::vector<RankProgram> programs;
    for (const auto& step : steps) programs.push_back(plan_on_paper(workload, step, facts));
    std::vector<int> everybody;
    for (const auto& step : steps) everybody.push_back(step.rank);
    const auto all = std::make_shared<const std::vector<int>>(std::move(everybody));
    for (std::size_t i = 0; !programs.empty() && i < programs[0].steps.size(); ++i) {
        if (!programs[0].steps[i].note) continue;
        if (programs[0].steps[i].spec->group) {
            set_groups(programs, i);
        } else {
            for (auto& program : programs) program.steps[i].group = all;
        }
    }
    return programs;
}

StepFacts decided_facts(const RankProgram& program) {
    auto steps = std::make_shared<std::unordered_map<const Step*, const PaperStep*>>();
    for (const PaperStep& step : program.steps) steps->emplace(step.spec, &step);
    return {[steps](const Step& step) { return steps->at(&step)->active; },
            [steps](const Step& step) { return steps->at(&step)->device; }};
}

std::vector<BufferPlan> buffers_of_device(const RankProgram& program,
                                          const workload::Workload& workload, int device) {
    const auto names = buffers_on(device, workload, decided_facts(program));
    std::vector<BufferPlan> here;
    for (const auto& plan : program.buffers) {
        if (names.count(plan.name) > 0) here.push_back(plan);
    }
    return here;
}

}  // namespace warpstep::plan
