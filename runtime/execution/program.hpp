// SPDX-License-Identifier: Apache-2.0
// A workload made executable on one rank, in four phases: plan (local), allocate (collective),
// build (local), run (collective). The local phases refuse what cannot work; their refusals are
// agreed before the next phase begins.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/execution/batch_stream.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/execution/operation.hpp"
#include "runtime/execution/progress.hpp"
#include "runtime/execution/result.hpp"
#include "runtime/execution/sampler.hpp"
#include "runtime/execution/verify.hpp"

namespace warpstep::execution {

/// One step with everything that is evaluated once. Children of containers stand in order.
struct PlannedStep {
    const workload::Step* spec = nullptr;
    bool active = true;   ///< its `if` on this rank
    bool looped = false;  ///< inside a for_each: sizes may change from run to run
    std::int64_t warmup = 0, times = 1;
    std::optional<std::chrono::milliseconds> timeout;
    std::vector<std::int64_t> loop_counts;              ///< turns of its loops, by level
    std::vector<std::unique_ptr<BatchStream>> batches;  ///< by level; nullptr for range loops
    std::vector<PlannedStep> children;

    std::unique_ptr<Operation> operation;
    std::unique_ptr<Sampler> sampler;
    StepResult result;
};

class Program {
  public:
    /// Phase 1, local. Evaluates sizes, counts and conditions, reads the datasets, checks rules and
    /// memory. Errors: ConfigError with the place in the file.
    Program(const workload::Workload& workload, const step::Step& step,
            const device::Device& device, int device_sharers);

    /// What must be equal on all ranks: every collective this rank takes part in, how often, and
    /// the size of every shared buffer.
    std::vector<std::string> collectives() const { return collectives_; }

    /// Phase 2, collective: allocates and initialises the buffers. Errors: DeviceError, CommError.
    void allocate(const Machine& machine);
    /// Phase 3, local: resolves every step's arguments. Errors: ConfigError for arguments that do
    /// not fit; DeviceError.
    void build();

    /// Phase 4, collective. Errors: DeviceError, CommError, PeerFailure; EnvironmentError when a
    /// signal asked to stop.
    std::vector<StepResult> run(Progress& progress);

    const RankScope& scope() const { return scope_; }
    /// Content of a buffer as doubles. Precondition: built.
    std::vector<double> values(const std::string& buffer);

  private:
    PlannedStep plan(const workload::Step& spec, bool looped);
    void plan_datasets();
    void plan_loops(PlannedStep& step);
    void note_collective(const PlannedStep& step);
    void note_loops(const PlannedStep& step);
    void build(PlannedStep& step);
    void bind_batches(PlannedStep& step);

    void run(PlannedStep& step);
    void run_leaf(PlannedStep& step);
    void run_loops(PlannedStep& step, std::size_t level);
    void run_range(PlannedStep& step, std::size_t level);
    void run_batches(PlannedStep& step, std::size_t level);
    void verify_leaf(PlannedStep& step);
    void verify_after(PlannedStep& step, const Snapshots& before);
    void keep(const std::string& buffer, Snapshots& before) const;
    void issue(PlannedStep& step);
    void collect(PlannedStep& step, std::vector<StepResult>& results);

    const workload::Workload& workload_;
    const step::Step& step_;
    device::Kind device_kind_;
    RankScope scope_;
    std::vector<BufferPlan> buffers_;
    UserKernels kernels_;
    std::map<std::string, std::unique_ptr<Dataset>> datasets_;
    std::vector<PlannedStep> steps_;
    std::vector<std::string> collectives_;

    const Machine* machine_ = nullptr;
    std::unique_ptr<Storage> storage_;
    std::unique_ptr<device::Stream> stream_;
    std::map<std::string, Batch*> batches_;  ///< what loop variables mean while steps are built
    Progress* progress_ = nullptr;
    std::int64_t epoch_ = 0;
};

}  // namespace warpstep::execution
