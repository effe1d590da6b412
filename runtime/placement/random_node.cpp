// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/random_node.hpp"

#include "runtime/placement/dice.hpp"
#include "runtime/placement/random_machine.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;
using topology::Node;

CpuSet packages_without_gpus(const Node& node) {
    CpuSet near;
    for (const int gpu : node.step_gpus)
        near = near | node.gpus.at(static_cast<std::size_t>(gpu)).near_cpus;
    CpuSet cpus;
    for (const topology::Core& core : node.cores)
        if (!core.cpus.intersects(near)) cpus = cpus | core.cpus;
    return cpus;
}

CpuSet random_cpus(const Node& node, Dice& dice) {
    CpuSet cpus;
    switch (dice.roll(0, 6)) {
        case 0:
        case 1:
            return node.cpus;
        case 2:
            for (const topology::Core& core : node.cores)
                if (dice.chance(50)) cpus = cpus | core.cpus;
            break;
        case 3:
            for (const int cpu : node.cpus.cpus())
                if (dice.chance(40)) cpus.add(cpu);
            break;
        case 4:
            for (const topology::NumaNode& numa : node.numa_nodes)
                if (dice.chance(50)) cpus = cpus | numa.cpus;
            break;
        case 5:
            cpus = packages_without_gpus(node);
            break;
        default:
            break;
    }
    if (cpus.empty())
        cpus.add(node.cpus.cpus()[static_cast<std::size_t>(dice.roll(0, node.cpus.size() - 1))]);
    return cpus;
}

void draw_grant(Node& node, Dice& dice) {
    node.step_gpus.clear();
    const int percent = dice.pick({100, 100, 100, 60});
    for (std::size_t i = 0; i < node.gpus.size(); ++i)
        if (dice.chance(percent)) node.step_gpus.push_back(static_cast<int>(i));
    node.allowed = random_cpus(node, dice);
    for (topology::NumaNode& numa : node.numa_nodes) numa.allowed = !dice.chance(5);
}

Request random_request(const Node& node, Dice& dice) {
    Request request;
    const int gpus = static_cast<int>(node.step_gpus.size());
    const int most = node.cores.size() > 64 ? 64 : 14;
    request.tasks = dice.chance(25) && gpus > 0 ? gpus : dice.roll(1, most);
    if (dice.chance(25)) request.tasks = dice.roll(1, 4);
    if (dice.chance(25)) request.gpus_per_task = dice.roll(1, 3);
    if (dice.chance(25)) request.cpus_per_task = dice.roll(1, 4);
    if (dice.chance(20)) request.pus_per_core = dice.roll(1, 3);
    request.share = dice.pick({1, 1, 2, 4});
    request.near_gpu = !dice.chance(8);
    request.strict = dice.chance(10);
    request.wants_gpus = !dice.chance(8);
    request.interleave = dice.chance(15);
    return request;
}

}  // namespace

Scenario random_scenario(unsigned seed) {
    Dice dice(seed);
    RandomMachine machine = random_machine(seed, dice);
    draw_grant(machine.node, dice);
    Request request = random_request(machine.node, dice);
    return {machine.family, std::move(machine.node), request};
}

Scenario random_scenario_on(const Node& node, unsigned seed) {
    Dice dice(seed);
    Scenario scenario{"given", node, {}};
    draw_grant(scenario.node, dice);
    scenario.request = random_request(scenario.node, dice);
    return scenario;
}

}  // namespace warpstep::placement
