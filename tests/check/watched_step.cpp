// SPDX-License-Identifier: Apache-2.0
#include "tests/check/watched_step.hpp"

#include <algorithm>

#include "tests/check/healthy_step.hpp"

namespace warpstep::test {

using namespace check;

namespace {

constexpr std::uint64_t GiB = std::uint64_t{1} << 30;

NodeFacts& node_of(Facts& facts, const std::string& name) {
    return *std::find_if(facts.nodes.begin(), facts.nodes.end(),
                         [&](const NodeFacts& node) { return node.name == name; });
}

ProgramFacts program_of(const RankFacts& rank) {
    ProgramFacts program;
    program.node = rank.node;
    program.pid = 5000 + rank.local_rank;
    program.parent = 900;
    program.command = "python train.py";
    program.state = "S";
    program.rank = rank.rank;
    program.local_rank = rank.local_rank;
    program.is_task = true;
    program.step = "48.0";
    program.env = rank.env;
    program.cpus = rank.cpus;
    program.mems = rank.mems;
    program.threads = 40;
    program.signals = rank.signals;
    program.maps_cuda = program.maps_nccl = true;
    return program;
}

}  // namespace

void move_to(Facts& facts, ProgramFacts& program, const std::vector<int>& gpus) {
    NodeFacts& node = node_of(facts, program.node);
    program.gpus.clear();
    program.open_gpu_minors = gpus;
    program.has_cuda_context = !gpus.empty();
    for (GpuFacts& gpu : node.gpus) {
        std::erase_if(gpu.processes, [&](const GpuProcess& p) { return p.pid == program.pid; });
        if (std::find(gpus.begin(), gpus.end(), gpu.index) == gpus.end()) continue;
        program.gpus.push_back({gpu.uuid, 10 * GiB});
        gpu.processes.push_back({program.pid, program.command, "bob", 10 * GiB, true, true});
    }
}

void watch_programs(Facts& facts) {
    for (const RankFacts& rank : facts.ranks) {
        ProgramFacts program = program_of(rank);
        move_to(facts, program, {rank.local_rank});
        facts.programs.push_back(program);
    }
}

ProgramFacts forked_from(const ProgramFacts& parent, std::int64_t pid) {
    ProgramFacts child = parent;
    child.pid = pid;
    child.parent = parent.pid;
    child.is_task = false;
    child.gpus.clear();
    return child;
}

}  // namespace warpstep::test
