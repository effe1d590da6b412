// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/inspect_facts.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace warpstep::placement::inspection {

using topology::CpuSet;
using topology::Node;

Facts::Facts(const Node& n, const Request& r) : node(n), request(r) {
    for (const topology::Core& core : node.cores) {
        std::vector<int> cpus = (core.cpus & node.allowed).cpus();
        if (cpus.empty()) continue;
        const auto most =
            static_cast<std::size_t>(std::max(1, request.pus_per_core.value_or(4096)));
        if (cpus.size() > most) cpus.resize(most);
        cores.emplace_back(cpus);
        core_at.push_back(&core);
        usable = usable | cores.back();
    }
    pus = usable.size();
    if (request.wants_gpus) gpus = node.step_gpus;
}

bool Facts::one_gpu_each() const {
    return gpu_count() > 0 && request.gpus_per_task.value_or(1) == 1 &&
           (request.gpus_per_task || tasks() >= gpu_count());
}

CpuSet Facts::near_gpu(int index) const {
    return gpu(index).located ? gpu(index).near_cpus : node.cpus;
}

CpuSet Facts::near(const std::vector<int>& of) const {
    CpuSet cpus;
    for (const int index : of) cpus = cpus | near_gpu(index);
    return cpus;
}

std::vector<Cost> Facts::costs(const CpuSet& near) const {
    std::set<int> numa, packages;
    for (const topology::Core& core : node.cores)
        if (core.cpus.intersects(near)) {
            numa.insert(core.numa);
            packages.insert(core.package);
        }
    const auto by_matrix = [&](int to) {
        int least = std::numeric_limits<int>::max();
        for (std::size_t i = 0; i < node.numa_distances.size(); ++i)
            for (std::size_t j = 0; j < node.numa_distances[i].size(); ++j)
                if (node.numa_nodes[j].os_index == to && node.numa_nodes[i].cpus.intersects(near))
                    least = std::min(least, node.numa_distances[i][j]);
        return least;
    };
    std::map<std::pair<int, int>, Cost> far;
    std::vector<Cost> result;
    for (std::size_t i = 0; i < cores.size(); ++i) {
        if (near.contains(cores[i])) {
            result.push_back(0);
            continue;
        }
        const topology::Core& core = *core_at[i];
        const auto [found, is_new] = far.emplace(std::pair(core.package, core.numa), 0);
        if (is_new) {
            const int distance = by_matrix(core.numa);
            found->second = distance < std::numeric_limits<int>::max()     ? distance
                            : core.numa >= 0 && numa.count(core.numa) == 1 ? 10
                            : packages.count(core.package) == 1            ? 20
                                                                           : 30;
        }
        result.push_back(not_near + found->second);
    }
    return result;
}

std::string Facts::name(int index) const {
    const topology::Gpu& g = gpu(index);
    return "GPU " + show(g.pci) + (g.mig_uuid.empty() ? "" : " " + g.mig_uuid);
}

}  // namespace warpstep::placement::inspection
