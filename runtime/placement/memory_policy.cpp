// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/memory_policy.hpp"

#include <fmt/format.h>
#include <hwloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/topology/cpu_set.hpp"

namespace warpstep::placement {

namespace {

struct Destroy {
    void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, Destroy>;

/// This machine with only as much in it as hwloc's memory calls need; nothing when hwloc cannot
/// read it.
Topology load_memory_nodes() {
    hwloc_topology_t handle = nullptr;
    if (hwloc_topology_init(&handle) != 0) return nullptr;
    Topology topology(handle);
    hwloc_topology_set_all_types_filter(handle, HWLOC_TYPE_FILTER_KEEP_NONE);
    hwloc_topology_set_flags(handle, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    if (hwloc_topology_load(handle) != 0) return nullptr;
    return topology;
}

/// The system's own answer, because hwloc's does not tell preferred from strict.
std::string read_back() {
    // The modes of set_mempolicy(2); the system's headers may be too old to name the last ones.
    static constexpr std::array names = {"default",    "preferred", "bind",
                                         "interleave", "local",     "preferred"};
    constexpr std::size_t word_bits = 8 * sizeof(unsigned long);
    std::array<unsigned long, 64> words{};
    int mode = 0;
    if (syscall(SYS_get_mempolicy, &mode, words.data(), words.size() * word_bits, nullptr, 0) != 0)
        return "unknown";
    if (mode < 0 || mode >= static_cast<int>(names.size())) return fmt::format("mode {}", mode);
    topology::CpuSet nodes;
    for (std::size_t node = 0; node < words.size() * word_bits; ++node)
        if (words[node / word_bits] >> (node % word_bits) & 1) nodes.add(static_cast<int>(node));
    const char* name = names[static_cast<std::size_t>(mode)];
    return nodes.empty() ? name : fmt::format("{} {}", name, show(nodes));
}

/// Binding without hwloc's STRICT flag is the preferred policy.
bool prefer(const topology::CpuSet& nodes) {
    const Topology machine = load_memory_nodes();
    constexpr int flags = HWLOC_MEMBIND_THREAD | HWLOC_MEMBIND_BYNODESET;
    return machine && hwloc_set_membind(machine.get(), nodes.get(), HWLOC_MEMBIND_BIND, flags) == 0;
}

}  // namespace

std::string show_preferred(const std::vector<int>& numa) {
    return numa.empty() ? "default" : fmt::format("preferred {}", show(topology::CpuSet(numa)));
}

std::string prefer_memory_of(const std::vector<int>& numa, std::vector<std::string>& warnings) {
    if (!numa.empty() && !prefer(topology::CpuSet(numa)))
        warnings.push_back(
            fmt::format("memory policy '{}' was refused ({}; containers often forbid it); memory "
                        "is placed where it is first used",
                        show_preferred(numa), std::strerror(errno)));
    return read_back();
}

}  // namespace warpstep::placement
