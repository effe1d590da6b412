// SPDX-License-Identifier: Apache-2.0
// A workload made executable on one task, in four phases: plan (local), allocate (collective),
// build (local), run (collective). The local phases refuse what cannot work; their refusals are
// agreed before the next phase begins.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/data/batch_stream.hpp"
#include "runtime/execution/lane.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/execution/once_per_epoch.hpp"
#include "runtime/execution/operation.hpp"
#include "runtime/execution/progress.hpp"
#include "runtime/execution/result.hpp"
#include "runtime/execution/sampler.hpp"
#include "runtime/execution/verify.hpp"
#include "runtime/plan/hazards.hpp"
#include "runtime/plan/reach.hpp"

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

/// One step with everything that is evaluated once. Children of containers stand in order.
struct PlannedStep {
    const workload::Step* spec = nullptr;
    bool active = true;     ///< its `if`, and its `group` where that names the members
    bool looped = false;    ///< inside a for_each: sizes may change from run to run
    bool captured = false;  ///< inside a graph
    bool collective = false;
    std::int64_t warmup = 0, times = 1;  ///< of `repeat`, or launches of a graph
    std::optional<std::chrono::milliseconds> timeout;
    std::vector<std::int64_t> loop_counts;  ///< turns of its loops, by level
    std::vector<std::string> streams;       ///< of a container: used inside, beside the default
    std::vector<int> devices;               ///< of the task, that it runs on
    std::vector<PlannedStep> children;

    std::vector<StepWork> work;   ///< by place in `devices`
    std::vector<double> seconds;  ///< of every run of a container without graph
    StepResult result;
};

/// A value that expectations read at the end of a run: max_abs(w - train.true_weights).
struct Probe {
    std::string key;             ///< the call as text
    const workload::Node* node;  ///< in the tree of `expression`
    const workload::Expression* expression;
    workload::Step evaluation = {};                           ///< of mean_squared_error
    std::vector<std::unique_ptr<Operation>> operations = {};  ///< of it, by lane
};

class Program {
  public:
    /// Phase 1, local. `devices`: those of the task, at least one; `sharers`: tasks that share each
    /// one's memory. Evaluates sizes, counts and conditions, reads the datasets, checks rules and
    /// memory. Errors: ConfigError with the place in the file.
    Program(const workload::Workload& workload, const step::Step& step,
            const std::vector<const device::Device*>& devices, int sharers);

    /// What ranks must agree on before anything is allocated: every collective of the file, as this
    /// rank sees it.
    const std::vector<plan::CollectiveNote>& collectives() const { return collectives_; }

    /// Phase 2, collective: allocates and initialises the buffers, makes the groups. `machines`:
    /// one for each device, in their order; they outlive the program. Errors: DeviceError,
    /// CommError.
    void allocate(const std::vector<Machine>& machines);
    /// Phase 3, local: resolves every step's arguments. Errors: ConfigError for arguments that do
    /// not fit; DeviceError.
    void build();

    /// Phase 4, collective. Errors: DeviceError, CommError, PeerFailure; EnvironmentError when a
    /// signal asked to stop.
    std::vector<StepResult> run(Progress& progress);

    /// From now on the condition of the first device is read while steps are timed that no others
    /// overlap.
    void watch() { watched_ = true; }

    const plan::RankScope& scope() const { return lanes_.front().scope; }
    /// Content of a buffer as doubles, of the first device that holds it. Precondition: built.
    std::vector<double> values(const std::string& buffer);
    /// What a user should know about where steps ran: "step 'b' asks for device 1 …".
    const std::vector<std::string>& notes() const { return notes_; }

  private:
    // program_plan.cpp
    void plan_lanes(const step::Step& step, const std::vector<const device::Device*>& devices);
    plan::StepFacts step_facts();
    void plan_buffers_of(Lane& lane, const device::Device& device, int sharers);
    void plan_datasets();
    struct Surroundings {
        bool looped = false, captured = false;
    };
    PlannedStep plan(const workload::Step& spec, Surroundings around);
    std::optional<int> device_of(const workload::Step& spec) const;
    std::vector<int> devices_of(const workload::Step& spec);
    bool is_active(const workload::Step& spec) const;
    void check_rules(const PlannedStep& step) const;
    void plan_loops(PlannedStep& step);

    // program_notes.cpp
    struct Path {
        bool active = true;
        std::string condition;
        std::vector<plan::CollectiveNote::Turns> turns;
    };
    void note_collectives(const std::vector<workload::Step>& steps, const Path& path);
    Path inside(const workload::Step& step, Path path) const;
    std::int64_t turns_of(const workload::Loop& loop) const;

    // program_build.cpp
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
    void plan_probes();
    void build_probes();
    void run_probes();
    workload::Value value_of(const Probe& probe);
    double mean_squared_error_of(const Probe& probe);
    double max_abs_of(const Probe& probe);
    bool true_weights(const std::string& name, std::int64_t begin,
                      std::vector<plan::Wide>& out) const;
    std::string hash_of(const std::string& buffer);
    bool seen_once_in(const std::string& dataset);

    // program_collect.cpp
    void collect(PlannedStep& step, std::vector<StepResult>& results);

    const workload::Workload& workload_;
    const step::Step& step_;
    std::vector<Lane> lanes_;  ///< by device
    std::map<std::string, std::unique_ptr<data::Dataset>> datasets_;
    std::vector<PlannedStep> steps_;
    std::vector<std::string> streams_;                ///< of the top level, beside the default one
    std::vector<std::unique_ptr<StreamJoin>> joins_;  ///< of the top level, by lane
    std::vector<plan::CollectiveNote> collectives_;
    std::vector<std::string> notes_;
    std::vector<Probe> probes_;
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
