// SPDX-License-Identifier: Apache-2.0
// What the pictures of a placement (table, flags, SVG) are made from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/placement/placement.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::report {

/// Numbers of cores, GPUs and tasks as places in vectors.
inline std::size_t at(int number) {
    return static_cast<std::size_t>(number);
}

/// Nodes that are alike and have the same placement: said once.
struct PlacedNodes {
    std::vector<std::string> names;
    topology::Node node;
    placement::Placement placement;
};

/// As Slurm writes lists of nodes: "n[1-3,7],login"; the order is kept.
std::string show_names(const std::vector<std::string>& names);

/// Who owns what: the local ranks, ascending.
struct Owners {
    std::vector<std::vector<int>> of_gpu;            ///< by index into Node::gpus
    std::vector<std::vector<int>> of_nic;            ///< by index into Node::nics
    std::vector<std::vector<int>> of_cpu;            ///< by OS index
    std::vector<std::pair<int, int>> gpu_nic_pairs;  ///< GPU and the adapter its task uses with it
};
Owners owners_of(const PlacedNodes& nodes);

/// Among this node's GPUs; "" without a UUID.
std::string short_uuid(const topology::Node& node, const topology::Gpu& gpu);
/// "2"; "0:3" for the fourth instance of GPU 0.
std::string show_index(const topology::Gpu& gpu);
/// "8 GPUs", "1 GPU with 7 MIG instances".
std::string count_gpus(const topology::Node& node);
/// "mlx5_0", or the PCI address of an adapter without a name.
std::string show_name(const topology::Nic& nic);
/// "GPU 2", "GPUs 0-3"; "GPU 0:3 (MIG-…)" for an instance.
std::string show_gpus(const topology::Node& node, const std::vector<int>& gpus);
/// "0,1"
std::string show_list(const std::vector<int>& numbers);

}  // namespace warpstep::report
