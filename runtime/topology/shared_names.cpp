// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/shared_names.hpp"

namespace warpstep::topology {

std::string shared_name(const Gpu& gpu) {
    return gpu.mig_uuid.empty() ? show(gpu.pci) : show(gpu.pci) + "/" + gpu.mig_uuid;
}

int find_or_add_gpu(Node& node, const std::string& name) {
    for (std::size_t i = 0; i < node.gpus.size(); ++i)
        if (shared_name(node.gpus[i]) == name) return static_cast<int>(i);
    Gpu unlisted;
    const auto slash = name.find('/');
    unlisted.pci = PciAddress::parse(name.substr(0, slash)).value_or(unlisted.pci);
    if (slash != std::string::npos) unlisted.mig_uuid = name.substr(slash + 1);
    unlisted.near_cpus = node.cpus;
    node.gpus.push_back(unlisted);
    return static_cast<int>(node.gpus.size()) - 1;
}

}  // namespace warpstep::topology
