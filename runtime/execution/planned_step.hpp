// SPDX-License-Identifier: Apache-2.0
// A step of the plan with what it works with: operations, streams, clocks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/data/batch_stream.hpp"
#include "runtime/execution/lane.hpp"
#include "runtime/execution/operation.hpp"
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

/// The buffers that a step changes in place, those inside it included, on one of its devices.
std::vector<std::string> updates_of(const PlannedStep& step, std::size_t place);
/// Seconds of every run of an operation or graph; waits for the last one.
std::vector<double> seconds_of(const PlannedStep& step);
/// 0 where nothing was measured.
double median_seconds(const PlannedStep& step);
/// Adds the contents of these buffers that are not there yet. Blocks.
void keep(const Lane& lane, const std::vector<std::string>& buffers, Snapshots& before);

using LaneSnapshots = std::vector<Snapshots>;  ///< by place in PlannedStep::work

/// Runs the step `once` on what it finds, applies the rules on what it computes, and puts back what
/// it changed. Blocks. Errors: as `once`; DeviceError.
void verify_before_timing(PlannedStep& step, const std::function<void()>& once);
/// Applies the rules that verify_before_timing() has left. `before`: of a container, the contents
/// before it ran. Blocks. Errors: DeviceError.
void verify_after(PlannedStep& step, const LaneSnapshots& before);
/// What the rules of a container must know of the time before it.
LaneSnapshots snapshots_for(const PlannedStep& step);

/// Errors: what the channel has heard of peers; EnvironmentError when a signal asked to stop.
void check_stop(const PlannedStep& step);

/// Adds what was measured of a step and of those inside it, as metrics. After the run, so that
/// nothing of it stands in the timed loops.
void collect(PlannedStep& step, std::vector<StepResult>& results);

}  // namespace warpstep::execution
