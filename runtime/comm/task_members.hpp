// SPDX-License-Identifier: Apache-2.0
// Several devices of one task as members of one communicator, for devices whose memory the CPU
// reaches.
#pragma once

#include <memory>
#include <vector>

#include "runtime/comm/communicator.hpp"

namespace warpstep::comm {

/// One communicator for each of `devices`, over one that joins the tasks: rank() is the task's rank
/// times the number of devices, plus the place of the device; every task has equally many. All
/// members of a task call the same operation, one after the other from one thread; the last call
/// carries it out for all of them, so nothing may be expected of it before. Messages (send, recv)
/// and split() throw ConfigError. Takes the ownership of `tasks`; borrows the devices.
std::vector<std::unique_ptr<Communicator>> task_members(
    std::unique_ptr<Communicator> tasks, const std::vector<device::Device*>& devices);

}  // namespace warpstep::comm
