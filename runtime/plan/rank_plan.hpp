// SPDX-License-Identifier: Apache-2.0
// What one rank will do, as a value: a run allocates, builds and runs it, a dry run shows it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/user_image.hpp"
#include "runtime/base/error.hpp"
#include "runtime/data/table_shape.hpp"
#include "runtime/device/device.hpp"
#include "runtime/plan/memory_plan.hpp"
#include "runtime/plan/probes.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/plan/reach.hpp"
#include "runtime/plan/watched.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// A device of the task.
struct DeviceFacts {
    device::Facts facts;                ///< memory_bytes 0: nobody knows
    std::optional<std::uint64_t> free;  ///< bytes; nothing: nobody knows
    std::string arch = {};              ///< "sm_90"; "": by the name, if that is known
};

/// What is known of the machines of all ranks.
struct PlanFacts {
    std::vector<DeviceFacts> devices{{}};  ///< of each task, at least one
    int device_sharers = 1;                ///< tasks on one device
    /// Whether the ranks' own nodes can be looked at: their memory and folders. Otherwise that is
    /// left unchecked, but for `host`, where a file tells it.
    bool here = true;
    std::optional<HostMemory> host;  ///< of each node; nothing: nobody knows
    /// What its compiler says of a user's kernel; nothing: nobody can tell here. Empty: a run,
    /// whose device tells. Errors: ConfigError as of compiling it.
    std::function<std::optional<kernels::ImageFunction>(const workload::KernelSpec&)> compiled = {};
    std::map<std::string, data::TableShape> tables;  ///< by dataset: what lies in files
};

/// The shapes of the datasets that lie in files. Errors: ConfigError with the dataset's place.
std::map<std::string, data::TableShape> table_shapes(const workload::Workload& workload);

/// Why a rank would not begin.
struct Problem {
    std::string text;
    ExitCode code = ExitCode::bad_input;
    bool operator==(const Problem&) const = default;
};

/// A dataset as one rank sees it.
struct DatasetPlan {
    std::string name;
    std::int64_t rows = 0, features = 0;  ///< the intercept included
    std::int64_t batches = 0;             ///< of an epoch
    std::int64_t batch_rows = 0;          ///< of a full batch, over all ranks
    std::int64_t rows_here = 0;           ///< of an epoch, on this rank
    std::optional<std::int64_t> seed;     ///< of the shuffle; nothing: file order
    bool operator==(const DatasetPlan&) const = default;
};

/// One step.
struct StepPlan {
    const workload::Step* spec = nullptr;
    std::string number;  ///< "2.1"
    std::size_t depth = 0;
    std::size_t end = 0;        ///< index behind the last step inside it
    std::string condition;      ///< its own `if` and those of the containers around it
    bool active = true;         ///< those hold
    bool member = true;         ///< and it is in the step's group, where that names the members
    bool looped = false;        ///< inside a for_each: sizes may change from run to run
    std::vector<int> devices;   ///< of the task, that it runs on
    std::optional<int> device;  ///< the one that the file asks for; nothing: all of them
    bool falls_back = false;    ///< that one is not there
    std::int64_t warmup = 0, times = 1;
    std::optional<std::chrono::milliseconds> timeout;
    std::vector<std::int64_t> turns;       ///< of its loops, outermost first
    std::optional<std::int64_t> launches;  ///< of a graph
    std::int64_t graph_warmup = 0;
    std::optional<std::size_t> note;                ///< of a collective: which of RankPlan::notes
    std::shared_ptr<const std::vector<int>> group;  ///< of a collective: the ranks that take part
    std::optional<std::size_t> message_bytes;       ///< of a collective: its larger side
    struct Launch {
        std::array<std::uint32_t, 3> grid{}, block{};
        std::size_t shared_bytes = 0;
        bool operator==(const Launch&) const = default;
    };
    std::optional<Launch> launch;  ///< of a user's kernel

    bool runs() const { return active && member; }
    bool operator==(const StepPlan&) const = default;
};

/// A step that computes a verified buffer another way, on one device.
struct ReferencePlan {
    std::size_t step = 0;  ///< index of the step that is verified
    int device = 0;
    const workload::VerifyRule* rule = nullptr;
    std::string scratch;  ///< the buffer that it writes, shaped like the verified one
    workload::Step evaluation;
};

/// What a rank holds on one device of its task.
struct LanePlan {
    device::Kind kind = device::Kind::host;
    RankScope scope;
    std::vector<BufferPlan> buffers = {};  ///< those that steps of this device use
};

struct RankPlan {
    const workload::Workload* workload = nullptr;  ///< of the caller
    std::vector<std::pair<std::string, workload::Value>> params;
    std::vector<LanePlan> lanes;      ///< by device of the task
    std::vector<BufferPlan> buffers;  ///< all, in the order of the file
    std::vector<MemoryNeeds> needs;   ///< by device of the task
    std::vector<DatasetPlan> datasets;
    std::vector<StepPlan> steps;  ///< in file order; containers stand before what they hold
    std::vector<ReferencePlan> references;
    std::vector<Probe> probes;
    std::vector<WatchedBuffer> watched;
    std::vector<CollectiveNote> notes;  ///< of every collective, for the comparison with the others
    std::vector<std::string> remarks;   ///< what a user should know: "step 'b' wants device 1 …"
    std::vector<Problem> problems;      ///< in the order in which they are found
    std::vector<std::string> unchecked;  ///< what only the rank's own node could have told

    /// Whether another rank would do the same, as it is shown.
    bool same_as(const RankPlan& other) const;
};

}  // namespace warpstep::plan
