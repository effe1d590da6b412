// SPDX-License-Identifier: Apache-2.0
// The tasks of this node as local rank 0 leads them: it hears what each is and tells each what to
// do, itself included.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/process/fields.hpp"
#include "runtime/process/launch.hpp"
#include "runtime/process/meeting.hpp"
#include "runtime/step/step.hpp"
#include "runtime/topology/cpu_set.hpp"
#include "runtime/topology/visible_gpus.hpp"

namespace warpstep::cli {

/// A device as CUDA shows it to a task.
struct ShownDevice {
    std::string pci, uuid;  ///< the instance's own UUID where the GPU is divided (MIG)
};

/// Whether CUDA means this GPU, or instance of one.
bool is_shown(const topology::Gpu& gpu, const ShownDevice& device);

/// What one task of this node told of itself.
struct TaskFacts {
    int rank = 0, local_rank = 0;
    std::int64_t pid = 0;
    topology::CpuSet cpus;                      ///< that any of its threads may run on
    std::string memory;                         ///< its policy: "preferred 0"
    std::optional<topology::GpuList> gpu_list;  ///< CUDA_VISIBLE_DEVICES, else SLURM_STEP_GPUS
    bool granted_gpus = true;                   ///< false: a Slurm step that asked for none
    std::optional<std::string> allowed_cpus;    ///< WARPSTEP_ALLOWED_CPUS
    std::vector<ShownDevice> cuda_devices;      ///< by CUDA ordinal, when asked for
    std::string warning;                        ///< what the system refused
};

/// One thread calls. Followers wait for this task, so it must end() the party on every way out; the
/// destructor does it with exit code 3.
class NodeParty {
  public:
    /// Outside a launcher's step of several tasks per node: a party of one.
    NodeParty();
    ~NodeParty();
    NodeParty(const NodeParty&) = delete;
    NodeParty& operator=(const NodeParty&) = delete;

    /// Whether there is a way to other tasks of this node.
    bool can_meet() const { return meeting_ != nullptr; }
    /// Blocking: waits for all local ranks of the step, which it borrows; only its counts and names
    /// have to be right. Errors: CommError naming the ranks that did not come or died;
    /// EnvironmentError when there is no way to meet them.
    void gather(const step::Step& step, Deadline deadline);
    /// Compares what the tasks say with the layout that the launcher serves. Errors:
    /// EnvironmentError.
    void check_layout(const step::Step& served) const;
    const std::vector<TaskFacts>& tasks() const { return tasks_; }  ///< by local rank

    void order(int local_rank, const char* name, const std::string& value = "");
    /// Blocking: sends the orders and hears what every task is now. Errors: CommError, as gather();
    /// EnvironmentError when this task cannot be bound.
    void carry_out(Deadline deadline);
    /// Sends the orders that end a follower (exec, exit), without an answer.
    void dismiss();
    /// All followers exit with this code. Does nothing after dismiss().
    void end(int code) noexcept;

    /// What this task was ordered for its own exec.
    const std::vector<process::Change>& changes() const { return changes_; }

  private:
    void obey(const std::string& name, const std::string& value);
    void hear(int local_rank, Deadline deadline);

    std::unique_ptr<process::Meeting> meeting_;
    const step::Step* step_ = nullptr;
    std::vector<TaskFacts> tasks_;
    std::vector<process::Fields> orders_;
    std::vector<process::Change> changes_;
    std::string warning_, devices_;
    bool ended_ = false;
};

/// The devices that CUDA shows to this process, one "PCI UUID" a line in the order of CUDA; creates
/// no context. "" when there are none or no CUDA module.
std::string cuda_devices_of_this_task();

}  // namespace warpstep::cli
