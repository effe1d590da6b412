// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/launchers.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace warpstep::check {
namespace {

constexpr std::string_view launchers[] = {
    "torchrun",
    "torch.distributed.run",
    "torch.distributed.launch",
    "accelerate",
    "accelerate.commands.launch",
    "deepspeed",
    "horovodrun",
    "colossalai",
};

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string program_of(const std::vector<std::string>& command) {
    if (command.empty()) return "";
    const std::string program = base_name(command.front());
    if (!program.starts_with("python")) return program;
    for (std::size_t i = 1; i < command.size(); ++i) {
        if (command[i] == "-m") return i + 1 < command.size() ? command[i + 1] : program;
        if (!command[i].starts_with('-')) return base_name(command[i]);
    }
    return program;
}

std::string per_node_launcher(const std::vector<std::string>& command) {
    const std::string program = program_of(command);
    const bool known =
        std::find(std::begin(launchers), std::end(launchers), program) != std::end(launchers);
    return known || is_mpirun(program) ? program : "";
}

bool is_mpirun(const std::string& program) {
    constexpr std::string_view names[] = {"mpirun", "mpiexec", "mpiexec.hydra", "orterun",
                                          "prterun"};
    return std::find(std::begin(names), std::end(names), program) != std::end(names);
}

}  // namespace warpstep::check
