// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/random_machine.hpp"

#include <algorithm>
#include <iterator>

#include "runtime/placement/sketch.hpp"

namespace warpstep::placement {

namespace {

using Level = Sketch::Level;

void draw_cpus(Sketch& s, Dice& dice) {
    s.packages = dice.pick({1, 2, 2, 4});
    s.numa_per_package = dice.pick({1, 1, 2, 4});
    s.cores_per_numa = dice.roll(1, 6);
    s.smt = dice.pick({1, 1, 2});
    s.has_distances = dice.chance(50);
    s.threads_together = dice.chance(30);
}

void draw_gpus(Sketch& s, Dice& dice) {
    const int count = dice.pick({0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 8});
    for (int i = 0; i < count; ++i)
        s.gpus.push_back({Level::numa, dice.roll(0, s.numa_nodes() - 1), dice.roll(-1, 3)});
}

void draw_nics(Sketch& s, Dice& dice) {
    const int count = dice.chance(40) ? dice.roll(1, 5) : 0;
    for (int i = 0; i < count; ++i)
        s.nics.push_back({dice.pick({Level::numa, Level::numa, Level::package, Level::machine}),
                          dice.roll(0, s.numa_nodes() - 1), dice.roll(-1, 3), dice.chance(70)});
}

void plain(Sketch&, Dice&) {}

void smt(Sketch& s, Dice& dice) {
    s.smt = dice.pick({2, 4, 8});
}

void gpus_on_other_levels(Sketch& s, Dice& dice) {
    for (auto& gpu : s.gpus)
        gpu.level = dice.pick({Level::package, Level::cache, Level::numa, Level::machine});
}

void unlocated_gpus(Sketch& s, Dice&) {
    for (auto& gpu : s.gpus) gpu.level = Level::machine;
}

/// The order of PCI addresses against that of the NUMA nodes.
void reversed(Sketch& s, Dice&) {
    for (std::size_t i = 0; i < s.gpus.size(); ++i)
        s.gpus[i].place = s.numa_nodes() - 1 - static_cast<int>(i) % s.numa_nodes();
}

void numa_without_gpus(Sketch& s, Dice&) {
    s.numa_per_package = std::max(2, s.numa_per_package);
    for (std::size_t i = 0; i < s.gpus.size(); ++i)
        s.gpus[i].place = (2 * static_cast<int>(i) + 1) % s.numa_nodes();
}

void one_and_three(Sketch& s, Dice&) {
    s.packages = 2;
    s.gpus.clear();
    for (const int package : {0, 1, 1, 1})
        s.gpus.push_back({Level::numa, package * s.numa_per_package, -1});
}

void all_on_one_package(Sketch& s, Dice& dice) {
    for (auto& gpu : s.gpus) gpu.place = dice.roll(0, s.numa_per_package - 1);
}

void cpuless_memory(Sketch& s, Dice& dice) {
    s.cpuless_nodes = dice.roll(1, 4);
}

void memoryless_cpus(Sketch& s, Dice&) {
    s.packages = std::max(2, s.packages);
    s.has_memory_everywhere = false;
}

/// A second memory node for the CPUs of every first one, which counts as one without CPUs.
void two_memories(Sketch& s, Dice&) {
    s.cpuless_nodes = s.numa_nodes();
    s.has_distances = true;
}

void no_numa(Sketch& s, Dice&) {
    s.has_numa = false;
    s.has_distances = false;
    s.numa_per_package = 1;
    for (auto& device : s.gpus) device.place %= s.packages;
    for (auto& device : s.nics) device.place %= s.packages;
}

void sparse_cpus(Sketch& s, Dice& dice) {
    s.first_cpu = dice.pick({0, 8});
    s.cpu_step = dice.pick({1, 4});
    s.numa_step = dice.pick({1, 8});
    const int pus = s.numa_nodes() * s.cores_per_numa * s.smt;
    for (int pu = 1; pu < pus; ++pu)
        if (dice.chance(25)) s.offline.push_back(pu);
}

void asymmetric_cores(Sketch& s, Dice&) {
    s.hybrid = true;
    s.smt = 2;
    s.cores_per_numa = std::max(2, s.cores_per_numa);
}

void mig(Sketch& s, Dice& dice) {
    if (s.gpus.empty()) s.gpus.push_back({});
    s.gpus.resize(std::min<std::size_t>(s.gpus.size(), 4));
    s.instances = dice.roll(2, 4);
}

/// An adapter behind the switch of every GPU, or of every second one.
void nics_behind_switches(Sketch& s, Dice& dice) {
    s.nics.clear();
    const std::size_t step = dice.pick({1U, 2U});
    for (std::size_t i = 0; i < s.gpus.size(); ++i) s.gpus[i].bridge = static_cast<int>(i / 2);
    for (std::size_t i = 0; i < s.gpus.size(); i += step) {
        s.nics.push_back(s.gpus[i]);
        s.nics.back().fabric = true;
    }
}

void no_bridges(Sketch& s, Dice& dice) {
    s.has_bridges = false;
    if (s.nics.empty()) s.nics.push_back({Level::numa, dice.roll(0, s.numa_nodes() - 1), -1});
    s.nics.push_back({Level::package, dice.roll(0, s.numa_nodes() - 1), -1});
}

void nested(Sketch& s, Dice& dice) {
    s.numa_per_package = 2;
    s.cores_per_numa = dice.roll(2, 5);
    for (auto& gpu : s.gpus) {
        gpu.level = dice.pick({Level::package, Level::numa, Level::cache});
        gpu.place = dice.roll(0, s.numa_nodes() - 1);
    }
}

void large(Sketch& s, Dice& dice) {
    s.packages = 2;
    s.numa_per_package = dice.pick({1, 2, 4});
    s.cores_per_numa = 64 / s.numa_per_package;
    s.smt = 2;
    s.gpus.clear();
    s.nics.clear();
    for (int i = 0; i < 16; ++i) s.gpus.push_back({Level::numa, i * s.numa_nodes() / 16, i / 2});
    for (int i = 0; i < 16; i += 2) s.nics.push_back(s.gpus[static_cast<std::size_t>(i)]);
}

struct Family {
    const char* name;
    void (*change)(Sketch&, Dice&);
};
constexpr Family families[] = {{"plain", plain},
                               {"smt", smt},
                               {"GPUs on packages and caches", gpus_on_other_levels},
                               {"unlocated GPUs", unlocated_gpus},
                               {"reversed GPUs", reversed},
                               {"NUMA nodes without GPUs", numa_without_gpus},
                               {"1 + 3 GPUs", one_and_three},
                               {"all GPUs on one package", all_on_one_package},
                               {"memory without CPUs", cpuless_memory},
                               {"CPUs without memory", memoryless_cpus},
                               {"two memories for the same CPUs", two_memories},
                               {"no NUMA nodes", no_numa},
                               {"sparse and offline CPUs", sparse_cpus},
                               {"asymmetric cores", asymmetric_cores},
                               {"MIG", mig},
                               {"NICs behind switches", nics_behind_switches},
                               {"no PCI bridges", no_bridges},
                               {"nested localities", nested},
                               {"16 GPUs, 256 PUs", large}};

}  // namespace

RandomMachine random_machine(unsigned number, Dice& dice) {
    const Family& family = families[number % std::size(families)];
    Sketch sketch;
    draw_cpus(sketch, dice);
    draw_gpus(sketch, dice);
    draw_nics(sketch, dice);
    family.change(sketch, dice);
    return {family.name, node_of(sketch)};
}

}  // namespace warpstep::placement
