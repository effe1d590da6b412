// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/mig.hpp"

#include <algorithm>
#include <tuple>

namespace warpstep::topology {

void add_expanded(const Gpu& gpu, const std::vector<MigInstance>& instances,
                  std::vector<Gpu>& gpus) {
    if (instances.empty()) gpus.push_back(gpu);
    int index = 0;
    for (const MigInstance& instance : instances) {
        Gpu part = gpu;
        part.mig_uuid = instance.uuid;
        part.mig_path = instance.path;
        part.mig_index = index++;
        part.memory_bytes = instance.memory_bytes;
        gpus.push_back(part);
    }
}

void order_gpus(std::vector<Gpu>& gpus) {
    const auto key = [](const Gpu& gpu) { return std::tie(gpu.pci, gpu.mig_uuid, gpu.mig_index); };
    std::sort(gpus.begin(), gpus.end(),
              [&](const Gpu& a, const Gpu& b) { return key(a) < key(b); });
    int index = -1;
    for (std::size_t i = 0; i < gpus.size(); ++i) {
        if (i == 0 || gpus[i].pci != gpus[i - 1].pci) ++index;
        gpus[i].index = index;
    }
}

}  // namespace warpstep::topology
