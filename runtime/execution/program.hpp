// SPDX-License-Identifier: Apache-2.0
// A rank's plan made executable on its task, in four phases: open (local), allocate (collective),
// build (local), run (collective). The local phases may refuse; their refusals are agreed before
// the next phase begins.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/execution/finite_watch.hpp"
#include "runtime/execution/lane.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/execution/planned_step.hpp"
#include "runtime/execution/probe_values.hpp"
#include "runtime/execution/progress.hpp"
#include "runtime/execution/result.hpp"
#include "runtime/plan/rank_plan.hpp"

namespace warpstep::execution {

class Program {
  public:
    /// Phase 1, local: opens the datasets. The workload of the plan outlives it. Errors:
    /// ConfigError with the place in the file.
    explicit Program(std::shared_ptr<const plan::RankPlan> plan);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Phase 2, collective: allocates and initialises the buffers, makes the groups. `machines`:
    /// one for each device, in their order; they outlive the program. Errors: DeviceError,
    /// CommError.
    void allocate(const std::vector<Machine>& machines);
    /// Phase 3, local: resolves every step's arguments. Errors: ConfigError of a user's kernel that
    /// cannot be compiled or launched; DeviceError.
    void build();

    /// Phase 4, collective. Errors: DeviceError, CommError, PeerFailure; EnvironmentError when a
    /// signal asked to stop.
    std::vector<StepResult> run(Progress& progress);

    /// From now on the condition of the first device is read while steps are timed that no others
    /// overlap.
    void watch() { watched_ = true; }

    /// Buffers that a verdict or a report rests on and that hold NaN or infinity: where and when,
    /// by name. Precondition: run.
    const std::map<std::string, std::string>& not_finite() const { return finite_.found(); }
    const plan::RankScope& scope() const { return lanes_.front().scope; }
    /// Content of a buffer as doubles, of the first device that holds it. Precondition: built.
    std::vector<double> values(const std::string& buffer);
    const plan::RankPlan& plan() const { return *plan_; }

  private:
    // program_build.cpp
    void make_groups(const std::vector<workload::Step>& steps);
    void build(PlannedStep& step);
    Bindings bindings_of(Lane& lane, comm::Communicator& communicator);
    void build_leaf(PlannedStep& step, StepWork& work);
    void build_references(PlannedStep& step, StepWork& work);
    void bind_batches(PlannedStep& step, StepWork& work);

    // program_run.cpp
    using List = std::vector<PlannedStep>;
    void run(PlannedStep& step);
    void run_allowing_errors(PlannedStep& step);
    void run_leaf(PlannedStep& step);
    void run_list(PlannedStep& container);
    void run_loops(PlannedStep& step, std::size_t level);
    void run_range(PlannedStep& step, std::size_t level);
    void run_batches(PlannedStep& step, std::size_t level);
    void issue(PlannedStep& step);
    void set_loop(const std::string& name, std::int64_t value);
    void end_turn(const PlannedStep& step, std::size_t level, std::int64_t turn);

    // program_graph.cpp
    void run_graph(PlannedStep& step);
    void launch(PlannedStep& step);
    void measure_without_graph(PlannedStep& step);

    std::shared_ptr<const plan::RankPlan> plan_;
    const workload::Workload& workload_;
    std::vector<Lane> lanes_;  ///< by device
    std::map<std::string, std::unique_ptr<data::Dataset>> datasets_;
    std::vector<PlannedStep> steps_;
    std::vector<std::unique_ptr<StreamJoin>> joins_;  ///< of the top level, by lane
    ProbeValues probes_;
    FiniteWatch finite_;
    bool watched_ = false;

    Progress* progress_ = nullptr;
    std::int64_t epoch_ = 0;
};

}  // namespace warpstep::execution
