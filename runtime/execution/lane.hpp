// SPDX-License-Identifier: Apache-2.0
// What a program holds on one device of its task: names, memory, streams and communicators.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/data/batch.hpp"
#include "runtime/execution/machine.hpp"
#include "runtime/execution/storage.hpp"
#include "runtime/execution/user_kernel.hpp"
#include "runtime/plan/rank_scope.hpp"

namespace warpstep::execution {

/// A device's side of a program. Every device of a task has its own copy of the buffers that its
/// steps use. Not thread-safe; moved only before allocate().
struct Lane {
    int device_index = 0;
    plan::RankScope scope;  ///< with device.index and what batches hold here
    UserKernels kernels;

    // From allocate() on.
    const Machine* machine = nullptr;
    std::unique_ptr<Storage> storage = {};
    std::map<std::string, std::unique_ptr<device::Stream>> streams = {};  ///< "" is the default one
    std::map<std::string, std::unique_ptr<comm::Communicator>> groups = {};  ///< by group_key()
    std::map<std::string, data::Batch*> batches =
        {};  ///< what loop variables mean while steps are built

    device::Stream& stream(const std::string& name = "") const { return *streams.at(name); }
};

/// Until what the devices of a task were given on their default streams is done. Errors:
/// DeviceError, CommError.
void wait_all(const std::vector<Lane>& lanes);

/// Later work on `waiting` starts after what `leading` has been given so far. `mark` is recorded
/// anew. Does not block.
void follow(device::Stream& waiting, device::Stream& leading, device::Event& mark);

/// Streams of a list of steps beside the default one, and the events at its two ends.
class StreamJoin {
  public:
    /// `names`: the streams used inside, the default one left out. Errors: DeviceError.
    StreamJoin(const Lane& lane, const std::vector<std::string>& names);
    /// All streams go on from where the default one is.
    void fork();
    /// The default stream goes on when all others are done.
    void join();

  private:
    device::Stream& main_;
    std::unique_ptr<device::Event> start_;
    struct Side {
        device::Stream* stream;
        std::unique_ptr<device::Event> end;
    };
    std::vector<Side> sides_;
};

/// The same text for the same group of a file: steps that share it share a communicator.
std::string group_key(const workload::Group& group);

}  // namespace warpstep::execution
