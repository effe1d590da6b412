// SPDX-License-Identifier: Apache-2.0
// A rank's plan made executable on its task, in four phases: open (local), allocate (collective),
// build (local), run (collective). The local phases may refuse; their refusals are agreed before
// the next phase begins.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/data/batch_stream.hpp"
#include "runtime/execution/finite_watch.hpp"
#include "runtime/execution/lane.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/execution/once_per_epoch.hpp"
#include "runtime/execution/operation.hpp"
#include "runtime/execution/progress.hpp"
#include "runtime/execution/result.hpp"
#include "runtime/execution/sampler.hpp"
#include "runtime/execution/verify.hpp"
#include "runtime/plan/rank_plan.hpp"

namespace warpstep::execution {

/// A verify rule that compares with another kernel's result.
struct ReferenceCheck {
    const workload::VerifyRule* rule = nullptr;
    std::string scratch;  ///< the buffer that the other kernel writes
    std::unique_ptr<Operation> operation;
};

/// One step on one device of the task.
struct StepWork {
    Lane* lane = nullptr;
    device::Stream* stream = nullptr;
    std::unique_ptr<Operation> operation;  ///< none of a container
    std::unique_ptr<Sampler> sampler;
    std::unique_ptr<device::Event> done;  ///< where a step on another stream waits for this one
    std::vector<device::Event*> waits;    ///< of steps on other streams that this one needs
    std::vector<ReferenceCheck> references;
    // Of a container.
    std::vector<std::unique_ptr<data::BatchStream>> batches;  ///< by level; nullptr for range loops
    std::unique_ptr<StreamJoin> streams;
    std::unique_ptr<device::Graph> graph;
};

/// A step of the plan with its work. Children of containers stand in order.
struct PlannedStep {
    const plan::StepPlan* plan = nullptr;
    const workload::Step* spec = nullptr;  ///< of the plan
    std::vector<PlannedStep> children;

    std::vector<StepWork> work;   ///< by place in the devices of the plan
    std::vector<double> seconds;  ///< of every run of a container without graph
    StepResult result;
};

/// A value that expectations read at the end of a run.
struct ProbeWork {
    const plan::Probe* probe = nullptr;
    std::vector<std::unique_ptr<Operation>> operations = {};  ///< of its evaluation, by lane
};

class Program {
  public:
    /// Phase 1, local: opens the datasets. The workload of the plan outlives it. Errors:
    /// ConfigError with the place in the file.
    explicit Program(std::shared_ptr<const plan::RankPlan> plan);

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
    PlannedStep planned(std::size_t& index) const;
    void make_groups(const std::vector<workload::Step>& steps);
    void build(PlannedStep& step);
    Bindings bindings_of(Lane& lane, comm::Communicator& communicator);
    void build_leaf(PlannedStep& step, StepWork& work);
    void build_references(PlannedStep& step, StepWork& work);
    void connect_needs(std::vector<PlannedStep>& list);
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
    void check_stop(const PlannedStep& step) const;
    void check_timeout(const PlannedStep& step, const Deadline& deadline, std::int64_t done) const;
    void wait_all();
    void set_loop(const std::string& name, std::int64_t value);
    void end_turn(const PlannedStep& step, std::size_t level, std::int64_t turn);

    // program_graph.cpp
    void run_graph(PlannedStep& step);
    void capture(PlannedStep& step);
    void launch(PlannedStep& step);
    void measure_without_graph(PlannedStep& step);

    // program_verify.cpp
    using LaneSnapshots = std::vector<Snapshots>;  ///< by place in PlannedStep::devices
    void verify_before_timing(PlannedStep& step, const std::function<void()>& once);
    void verify_after(PlannedStep& step, const LaneSnapshots& before);
    LaneSnapshots snapshots_for(const PlannedStep& step) const;
    void check(PlannedStep& step, const workload::VerifyRule& rule, const LaneSnapshots& before);

    // program_probe.cpp
    void build_probes();
    void run_probes();
    workload::Value value_of(const ProbeWork& probe);
    double mean_squared_error_of(const ProbeWork& probe);
    double max_abs_of(const plan::Probe& probe);
    const Lane& lane_of(const plan::Probe& probe) const;
    bool true_weights(const std::string& name, std::int64_t begin,
                      std::vector<plan::Wide>& out) const;
    std::string hash_of(const plan::Probe& probe);
    bool seen_once_in(const std::string& dataset);

    // program_collect.cpp
    void collect(PlannedStep& step, std::vector<StepResult>& results);

    std::shared_ptr<const plan::RankPlan> plan_;
    const workload::Workload& workload_;
    std::vector<Lane> lanes_;  ///< by device
    std::map<std::string, std::unique_ptr<data::Dataset>> datasets_;
    std::vector<PlannedStep> steps_;
    std::vector<std::unique_ptr<StreamJoin>> joins_;  ///< of the top level, by lane
    std::vector<ProbeWork> probes_;
    FiniteWatch finite_;
    bool watched_ = false;

    Progress* progress_ = nullptr;
    std::int64_t epoch_ = 0;
};

/// The buffers that a step changes in place, those inside it included, on one of its devices.
std::vector<std::string> updates_of(const PlannedStep& step, std::size_t place);
/// Seconds of every run of an operation or graph; waits for the last one.
std::vector<double> seconds_of(const PlannedStep& step);
/// 0 where nothing was measured.
double median_seconds(const PlannedStep& step);
/// Adds the contents of these buffers that are not there yet. Blocks.
void keep(const Lane& lane, const std::vector<std::string>& buffers, Snapshots& before);

}  // namespace warpstep::execution
