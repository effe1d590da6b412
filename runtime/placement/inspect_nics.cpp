// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

namespace {

using topology::CpuSet;

std::set<int> packages_with(const Facts& facts, const CpuSet& cpus) {
    std::set<int> packages;
    for (const topology::Core& core : facts.node.cores)
        if (core.cpus.intersects(cpus)) packages.insert(core.package);
    return packages;
}

NicDistance by_place(const Facts& facts, bool same_numa, const CpuSet& user,
                     const topology::Nic& nic) {
    if (same_numa) return NicDistance::numa;
    const auto of_nic = packages_with(facts, nic.near_cpus);
    const bool same_package =
        of_nic.size() == 1 && packages_with(facts, user).count(*of_nic.begin()) == 1;
    return same_package ? NicDistance::package : NicDistance::machine;
}

NicDistance distance(const Facts& facts, const topology::Gpu& gpu, const topology::Nic& nic) {
    std::size_t common = 0;
    while (common < gpu.path.size() && common < nic.path.size() &&
           gpu.path[common] == nic.path[common])
        ++common;
    if (common >= 2) return NicDistance::pci_switch;
    if (common == 1) return NicDistance::host_bridge;
    return by_place(facts, gpu.numa >= 0 && gpu.numa == nic.numa, gpu.near_cpus, nic);
}

NicDistance distance(const Facts& facts, const Task& task, const topology::Nic& nic) {
    bool same_numa = false;
    for (const topology::Core& core : facts.node.cores)
        same_numa = same_numa ||
                    (core.numa >= 0 && core.numa == nic.numa && core.cpus.intersects(task.cpus));
    return by_place(facts, same_numa, task.cpus, nic);
}

/// A GPU (or a task without one) with its adapter and all that are as near.
struct User {
    int rank = 0, nic = 0;
    std::set<int> nearest;
};

class Adapters {
  public:
    Adapters(const Facts& facts, Findings& findings) : facts_(facts), findings_(findings) {
        const auto& nics = facts.node.nics;
        const bool fabric = std::any_of(nics.begin(), nics.end(),
                                        [](const topology::Nic& nic) { return nic.fabric; });
        for (std::size_t i = 0; i < nics.size(); ++i)
            if (nics[i].fabric == fabric) candidates_.push_back(static_cast<int>(i));
    }

    void check(const Task& task) {
        const std::size_t wanted =
            candidates_.empty() ? 0 : std::max<std::size_t>(1, task.gpus.size());
        findings_.expect(task.nics.size() == wanted, "I15",
                         fmt::format("local rank {} has {} network adapters for {} GPUs",
                                     task.local_rank, task.nics.size(), task.gpus.size()));
        if (task.nics.size() != wanted || wanted == 0) return;
        if (task.gpus.empty()) check(task, task, task.nics[0]);
        for (std::size_t i = 0; i < task.gpus.size(); ++i)
            check(task, facts_.gpu(task.gpus[i]), task.nics[i]);
    }

    void check_loads() {
        for (const User& user : users_)
            for (const int other : user.nearest)
                findings_.expect(
                    load_[user.nic] <= load_[other] + 1, "I15",
                    fmt::format("local rank {} uses adapter {} with {} users, {} is as "
                                "near and has {}",
                                user.rank, user.nic, load_[user.nic], other, load_[other]));
    }

  private:
    template <typename Thing>
    void check(const Task& task, const Thing& thing, const TaskNic& given) {
        NicDistance least = NicDistance::machine;
        std::map<int, NicDistance> of_nic;
        for (const int nic : candidates_) {
            of_nic[nic] = distance(facts_, thing, facts_.node.nics[static_cast<std::size_t>(nic)]);
            least = std::min(least, of_nic[nic]);
        }
        const bool right = of_nic.count(given.nic) == 1 && of_nic[given.nic] == least;
        findings_.expect(
            right && given.distance == least, "I15",
            fmt::format("local rank {} has adapter {} ({}), the nearest is at {}", task.local_rank,
                        given.nic, name_of(given.distance), name_of(least)));
        User user{task.local_rank, given.nic, {}};
        for (const auto& [nic, away] : of_nic)
            if (away == least) user.nearest.insert(nic);
        users_.push_back(user);
        ++load_[given.nic];
    }

    const Facts& facts_;
    Findings& findings_;
    std::vector<int> candidates_;
    std::vector<User> users_;
    std::map<int, int> load_;
};

}  // namespace

void check_nics(const Facts& facts, const Tasks& tasks, Findings& findings) {
    Adapters adapters(facts, findings);
    for (const Task& task : tasks) adapters.check(task);
    adapters.check_loads();
}

}  // namespace warpstep::placement::inspection
