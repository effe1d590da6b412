// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/memory_policy.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace warpstep::process {
namespace {

// set_mempolicy(2); the system's headers may be too old to name the last mode.
constexpr int mpol_preferred = 1, mpol_preferred_many = 5;
constexpr std::array names = {"default", "preferred", "bind", "interleave", "local", "preferred"};

constexpr std::size_t word_bits = 8 * sizeof(unsigned long);
using NodeMask = std::array<unsigned long, 64>;
constexpr std::size_t most_nodes = 64 * word_bits;

bool set_policy(int mode, const CpuList& nodes) {
    NodeMask mask{};
    for (const int node : nodes)
        mask[static_cast<std::size_t>(node) / word_bits] |=
            1UL << (static_cast<std::size_t>(node) % word_bits);
    return syscall(SYS_set_mempolicy, mode, mask.data(), most_nodes) == 0;
}

}  // namespace

std::string show_preferred(const CpuList& nodes) {
    return nodes.empty() ? "default" : "preferred " + show(nodes);
}

std::string prefer_memory_of(const CpuList& nodes) {
    if (nodes.empty() || nodes.back() >= static_cast<int>(most_nodes)) return "";
    // Kernels before 5.15 prefer one node only.
    if (nodes.size() > 1 && set_policy(mpol_preferred_many, nodes)) return "";
    if (set_policy(mpol_preferred, {nodes.front()})) return "";
    return std::string("memory policy '") + show_preferred(nodes) + "' was refused (" +
           std::strerror(errno) +
           "; containers often forbid it); memory is placed where it is first used";
}

std::string memory_policy() {
    NodeMask mask{};
    int mode = 0;
    if (syscall(SYS_get_mempolicy, &mode, mask.data(), most_nodes, nullptr, 0) != 0)
        return "unknown";
    if (mode < 0 || mode >= static_cast<int>(names.size())) return "mode " + std::to_string(mode);
    CpuList nodes;
    for (std::size_t node = 0; node < most_nodes; ++node)
        if (mask[node / word_bits] >> (node % word_bits) & 1)
            nodes.push_back(static_cast<int>(node));
    const std::string name = names[static_cast<std::size_t>(mode)];
    return nodes.empty() ? name : name + " " + show(nodes);
}

}  // namespace warpstep::process
