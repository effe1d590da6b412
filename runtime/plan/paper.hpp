// SPDX-License-Identifier: Apache-2.0
// What every rank of a step would do, decided in one process without devices or peers.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/data/table_shape.hpp"
#include "runtime/device/device.hpp"
#include "runtime/plan/buffers.hpp"
#include "runtime/plan/hazards.hpp"
#include "runtime/plan/memory_plan.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/plan/reach.hpp"
#include "runtime/step/step.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// What is taken for granted of every rank.
struct PaperFacts {
    device::Facts device;                            ///< memory_bytes 0: nobody knows
    int devices = 1;                                 ///< of each task
    std::optional<std::uint64_t> device_free;        ///< of one device; nothing: nobody knows
    int device_sharers = 1;                          ///< tasks on one device
    std::optional<HostMemory> host;                  ///< of each node
    std::map<std::string, data::TableShape> tables;  ///< by dataset: what lies in files
};

/// The shapes of the datasets that lie in files. Errors: ConfigError with the dataset's place.
std::map<std::string, data::TableShape> table_shapes(const workload::Workload& workload);

/// A dataset as one rank sees it.
struct PaperDataset {
    std::string name;
    std::int64_t rows = 0, features = 0;  ///< the intercept included
    std::int64_t batches = 0;             ///< of an epoch
    std::int64_t batch_rows = 0;          ///< of a full batch, over all ranks
    std::int64_t rows_here = 0;           ///< of an epoch, on this rank
    std::optional<std::int64_t> seed;     ///< of the shuffle; nothing: file order
    bool operator==(const PaperDataset&) const = default;
};

/// One step, in file order; containers stand before what they hold.
struct PaperStep {
    const workload::Step* spec = nullptr;
    std::string number;  ///< "2.1"
    std::size_t depth = 0;
    std::string condition;  ///< its own `if` and those of the containers around it
    bool active = true;
    std::optional<int> device;  ///< of the task's; nothing: all of them
    bool falls_back = false;    ///< the device asked for is not there
    std::int64_t warmup = 0, times = 1;
    std::optional<std::chrono::milliseconds> timeout;
    std::vector<std::int64_t> turns;       ///< of its loops, outermost first
    std::optional<std::int64_t> launches;  ///< of a graph
    std::int64_t graph_warmup = 0;
    std::optional<std::size_t> note;  ///< of a collective: which of RankProgram::notes
    std::shared_ptr<const std::vector<int>> group;  ///< of a collective: the ranks that take part
    std::optional<std::size_t> message_bytes;       ///< of a collective: its larger side
    struct Launch {
        std::array<std::uint32_t, 3> grid{}, block{};
        std::size_t shared_bytes = 0;
        bool operator==(const Launch&) const = default;
    };
    std::optional<Launch> launch;  ///< of a user's kernel
    bool operator==(const PaperStep&) const = default;
};

/// What one rank would do.
struct RankProgram {
    int rank = 0;
    std::vector<std::pair<std::string, workload::Value>> params;
    std::vector<BufferPlan> buffers;
    std::vector<MemoryNeeds> needs;  ///< by device of the task
    std::vector<PaperDataset> datasets;
    std::vector<PaperStep> steps;
    std::vector<CollectiveNote> notes;

    /// Whether another rank would do the same; `rank` and `notes` are not compared.
    bool same_as(const RankProgram& other) const;
};

/// Errors: ConfigError with the place: an expression, size, rule or argument that does not work.
RankProgram plan_on_paper(const workload::Workload& workload, const step::Step& step,
                          const PaperFacts& facts);

/// All ranks of a step, with the members of every group.
std::vector<RankProgram> plan_on_paper(const workload::Workload& workload,
                                       const std::vector<step::Step>& steps,
                                       const PaperFacts& facts);

/// The `if` and `device` of every step, as planned. Refers to `program`.
StepFacts decided_facts(const RankProgram& program);
/// The buffers that one device of the task would have.
std::vector<BufferPlan> buffers_of_device(const RankProgram& program,
                                          const workload::Workload& workload, int device);

/// What would be refused before the run whatever the machine: graphs, order, hazards, collectives
/// that not all reach. One text each, the same problem of several ranks once.
std::vector<std::string> problems_on_paper(const workload::Workload& workload,
                                           const std::vector<RankProgram>& programs);
/// The same of memory; what nobody knows is not compared.
std::vector<std::string> memory_problems_on_paper(const workload::Workload& workload,
                                                  const std::vector<step::Step>& steps,
                                                  const std::vector<RankProgram>& programs,
                                                  const PaperFacts& facts);

}  // namespace warpstep::plan
