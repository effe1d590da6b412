// SPDX-License-Identifier: Apache-2.0
// What a command's words say about the program that they start.
#pragma once

#include <string>
#include <vector>

namespace warpstep::check {

/// The name of the program, without its folder: "torchrun"; behind Python its script or module
/// ("torch.distributed.run"). "" without words.
std::string program_of(const std::vector<std::string>& command);

/// The program when it starts the tasks of a whole node itself, so that one of it per node is
/// enough: torchrun, accelerate, deepspeed, mpirun and their like. "" for others.
std::string per_node_launcher(const std::vector<std::string>& command);

/// mpirun, mpiexec and the other names of it.
bool is_mpirun(const std::string& program);

}  // namespace warpstep::check
