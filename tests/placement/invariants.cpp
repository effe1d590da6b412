// SPDX-License-Identifier: Apache-2.0
#include "tests/placement/invariants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace warpstep::testing {

namespace {

using namespace placement;
using topology::CpuSet;
using topology::Node;
using Sets = std::vector<CpuSet>;

Sets cores_of(const Node& node) {
    Sets cores;
    for (const topology::Core& core : node.cores)
        if (core.cpus.intersects(node.allowed)) cores.push_back(core.cpus & node.allowed);
    return cores;
}

CpuSet near_gpu(const Node& node, int gpu) {
    const topology::Gpu& g = node.gpus[static_cast<std::size_t>(gpu)];
    return g.located ? g.near_cpus : node.cpus;
}

CpuSet near_task(const Node& node, const Task& task) {
    CpuSet near;
    for (const int gpu : task.gpus) near = near | near_gpu(node, gpu);
    return near;
}

/// How many tasks can have a core of their own within the set that each is near to: augmenting
/// paths, one core each.
int most_near(const Sets& near_of_task, const Sets& cores) {
    std::vector<int> owner(cores.size(), -1);
    std::vector<bool> seen;
    const std::function<bool(int)> place = [&](int task) {
        for (std::size_t core = 0; core < cores.size(); ++core) {
            if (seen[core] || !near_of_task[static_cast<std::size_t>(task)].contains(cores[core]))
                continue;
            seen[core] = true;
            if (owner[core] >= 0 && !place(owner[core])) continue;
            owner[core] = task;
            return true;
        }
        return false;
    };
    int placed = 0;
    for (std::size_t task = 0; task < near_of_task.size(); ++task) {
        seen.assign(cores.size(), false);
        placed += place(static_cast<int>(task));
    }
    return placed;
}

class Inspection {
  public:
    Inspection(const Node& node, const Request& request, const Placement& placement)
        : node_(node),
          request_(request),
          tasks_(placement.tasks),
          placement_(placement),
          cores_(cores_of(node)) {}

    std::vector<std::string> run() {
        shape();
        if (!problems_.empty()) return problems_;
        gpus();
        order();
        cpus();
        balance();
        locality();
        notes();
        memory();
        idle();
        return problems_;
    }

  private:
    int count() const { return static_cast<int>(tasks_.size()); }
    int gpu_count() const {
        return request_.wants_gpus ? static_cast<int>(node_.step_gpus.size()) : 0;
    }
    bool whole_cores() const { return tasks_.size() <= cores_.size(); }
    void expect(bool condition, const std::string& problem) {
        if (!condition) problems_.push_back(problem);
    }

    void shape() {  // I1, I2, I3
        expect(count() == request_.tasks, "one entry per task");
        for (std::size_t i = 0; i < tasks_.size(); ++i) {
            const Task& task = tasks_[i];
            expect(task.local_rank == static_cast<int>(i), "ranks in order");
            expect(!task.cpus.empty() && node_.allowed.contains(task.cpus),
                   "CPUs within the allowed ones");
            expect(task.gpus.empty() == (gpu_count() == 0), "GPUs for everybody or nobody");
            for (const int gpu : task.gpus)
                expect(std::count(node_.step_gpus.begin(), node_.step_gpus.end(), gpu) == 1,
                       "GPUs of the step");
        }
    }

    void gpus() {  // I4, I5, I6
        std::map<int, int> tasks_on;
        std::size_t least = 1000, most = 0;
        for (const Task& task : tasks_) {
            for (const int gpu : task.gpus) ++tasks_on[gpu];
            least = std::min(least, task.gpus.size());
            most = std::max(most, task.gpus.size());
            if (request_.gpus_per_task && request_.wants_gpus)
                expect(static_cast<int>(task.gpus.size()) == *request_.gpus_per_task,
                       "as many GPUs as asked for");
        }
        const std::size_t idle = static_cast<std::size_t>(gpu_count()) - tasks_on.size();
        if (request_.wants_gpus) expect(placement_.idle_gpus.size() == idle, "idle GPUs listed");
        if (!request_.gpus_per_task) expect(idle == 0 && most - least <= 1, "all GPUs, evenly");
        if (gpu_count() == 0) return;
        for (const auto& [gpu, number] : tasks_on) {
            if (count() <= gpu_count()) expect(number == 1, "a GPU for one task only");
            expect(number == count() / gpu_count() ||
                       number == (count() + gpu_count() - 1) / gpu_count(),
                   "tasks per GPU differ by one at most");
        }
    }

    using Position = std::pair<int, topology::PciAddress>;

    /// In these machines NUMA indices follow the packages; GPUs without locality come last.
    Position position_of(int gpu) const {
        const topology::Gpu& g = node_.gpus[static_cast<std::size_t>(gpu)];
        for (const topology::NumaNode& numa : node_.numa_nodes)
            if (g.located && numa.cpus.intersects(g.near_cpus)) return {numa.os_index, g.pci};
        return {1000, g.pci};
    }

    void order() {  // I22
        Position last{-1, {}};
        for (const Task& task : tasks_) {
            if (task.gpus.empty()) continue;
            const bool sorted =
                std::is_sorted(task.gpus.begin(), task.gpus.end(),
                               [&](int a, int b) { return position_of(a) < position_of(b); });
            expect(sorted && !(position_of(task.gpus[0]) < last), "GPUs in hardware order");
            last = position_of(task.gpus[0]);
        }
    }

    void cpus() {  // I7, I11, I12
        std::map<int, int> load;
        for (const Task& task : tasks_)
            for (const int cpu : task.cpus.cpus()) ++load[cpu];
        bool shared = false, unused = false;
        for (const CpuSet& core : cores_) {
            int users = 0, loaded = 0;
            for (const Task& task : tasks_) users += task.cpus.intersects(core);
            for (const int cpu : core.cpus()) loaded += load.count(cpu) > 0;
            if (count() <= node_.allowed.size())
                expect(loaded == 0 || loaded == core.size(),
                       "a core in use contributes all its allowed CPUs");
            if (whole_cores()) expect(users <= 1, "a core belongs to one task");
            shared = shared || users > 1;
            unused = unused || users == 0;
        }
        expect(!(shared && unused), "no core is shared while another is unused");
        const int lightest = count() / node_.allowed.size();
        for (const auto& [cpu, number] : load)
            if (count() <= node_.allowed.size())
                expect(number == 1, "a CPU belongs to one task");
            else
                expect(number == lightest || number == lightest + 1,
                       "tasks per CPU differ by one at most");
        if (count() > node_.allowed.size())
            expect(static_cast<int>(load.size()) == node_.allowed.size(),
                   "every CPU in use before one is doubled");
    }

    void balance() {  // I10
        for (const Task& a : tasks_) {
            int cores = 0;
            for (const CpuSet& core : cores_) cores += core.intersects(a.cpus);
            expect(a.cores == cores, "the number of cores is right");
            if (request_.cpus_per_task)
                expect(cores == *request_.cpus_per_task, "as many cores as asked for");
            for (const Task& b : tasks_)
                if (near_task(node_, a) == near_task(node_, b) || !request_.near_gpu)
                    expect(std::abs(a.cores - b.cores) <= 1,
                           "cores of one locality differ by one at most");
        }
    }

    /// The GPUs that each task could have had instead, when every task has one: which GPUs carry a
    /// task more than others.
    std::vector<Sets> other_choices() const {
        const int base = count() / gpu_count(), extra = count() % gpu_count();
        std::vector<Sets> choices;
        for (unsigned mask = 0; mask < 1U << gpu_count(); ++mask) {
            if (__builtin_popcount(mask) != extra) continue;
            Sets near;
            for (int i = 0; i < gpu_count(); ++i)
                near.insert(near.end(), static_cast<std::size_t>(base + (mask >> i & 1U)),
                            near_gpu(node_, node_.step_gpus[static_cast<std::size_t>(i)]));
            choices.push_back(near);
        }
        return choices;
    }

    void locality() {  // I8, I9
        if (!request_.near_gpu || gpu_count() == 0 || !whole_cores()) return;
        if (request_.cpus_per_task) return locality_of_sized_tasks(*request_.cpus_per_task);
        Sets planned;
        int local = 0;
        for (const Task& task : tasks_) {
            planned.push_back(near_task(node_, task));
            local += planned.back().contains(task.cpus);
        }
        std::vector<Sets> choices{planned};
        const bool one_each = std::all_of(tasks_.begin(), tasks_.end(),
                                          [](const Task& task) { return task.gpus.size() == 1; });
        if (one_each) choices = other_choices();
        for (const Sets& choice : choices)
            expect(local >= most_near(choice, cores_),
                   "as many tasks as possible are near their GPUs");
        for (const Task& task : tasks_) same_package_if_enough(task);
    }

    /// With a number of cores for each task: where localities do not overlap, each serves as many
    /// tasks as fit.
    void locality_of_sized_tasks(int cores_per_task) {
        for (const Task& a : tasks_) {
            const CpuSet near = near_task(node_, a);
            int tasks = 0, local = 0;
            for (const Task& b : tasks_) {
                const CpuSet other = near_task(node_, b);
                if (other != near && other.intersects(near)) return;
                if (other != near) continue;
                ++tasks;
                local += near.contains(b.cpus);
            }
            const auto cores = std::count_if(cores_.begin(), cores_.end(), [&](const CpuSet& core) {
                return near.contains(core);
            });
            expect(local >= std::min(tasks, static_cast<int>(cores) / cores_per_task),
                   "a locality serves as many tasks as fit");
        }
    }

    /// A task without allowed CPUs near its GPU stays in the package when that has a core for
    /// everybody.
    void same_package_if_enough(const Task& task) {
        const CpuSet near = near_task(node_, task);
        if (near.intersects(node_.allowed)) return;
        CpuSet packages;
        for (const topology::Core& core : node_.cores)
            for (const topology::Core& other : node_.cores)
                if (core.cpus.intersects(near) && core.package == other.package)
                    packages = packages | other.cpus;
        const auto enough = std::count_if(cores_.begin(), cores_.end(), [&](const CpuSet& core) {
            return packages.contains(core);
        });
        if (enough >= count())
            expect(packages.contains(task.cpus), "cores of the same package come first");
    }

    void notes() {  // I7, I9
        for (const Task& task : tasks_) {
            const CpuSet near = near_task(node_, task);
            const bool remote = !task.gpus.empty() && !near.contains(task.cpus);
            expect(task.remote == remote, "remote is true exactly for remote tasks");
            expect(noted(task, "remote: GPU " + (task.gpus.empty() ? "" : pci_of(task.gpus[0]))) ==
                       remote,
                   "a remote task says so, no other does");
            expect(noted(task, "oversubscribed") == (count() > node_.allowed.size()),
                   "oversubscription is said");
            const bool shares = std::any_of(tasks_.begin(), tasks_.end(), [&](const Task& other) {
                return other.local_rank != task.local_rank && !task.gpus.empty() &&
                       other.gpus == task.gpus;
            });
            expect(noted(task, "shares GPU ") == shares, "a shared GPU is said");
        }
    }
    std::string pci_of(int gpu) const {
        return show(node_.gpus[static_cast<std::size_t>(gpu)].pci);
    }
    static bool noted(const Task& task, const std::string& start) {
        return std::any_of(task.notes.begin(), task.notes.end(),
                           [&](const std::string& note) { return note.rfind(start, 0) == 0; });
    }

    void memory() {  // I13
        for (const Task& task : tasks_) {
            std::vector<int> expected;
            for (const topology::NumaNode& numa : node_.numa_nodes)
                if (numa.cpus.intersects(task.cpus) && numa.memory_bytes > 0)
                    expected.push_back(numa.os_index);
            expect(task.numa == expected, "memory of the nodes that the CPUs are on");
        }
    }

    void idle() {
        CpuSet used;
        for (const Task& task : tasks_) used = used | task.cpus;
        expect(placement_.idle_cpus == node_.allowed - used, "idle CPUs listed");
        if (request_.cpus_per_task) return;
        for (const Task& task : tasks_) {
            const bool any_core = task.gpus.empty() || !request_.near_gpu;
            const CpuSet wanted = any_core ? node_.cpus : near_task(node_, task);
            expect(!placement_.idle_cpus.intersects(wanted), "no core near a task is left idle");
        }
    }

    const Node& node_;
    const Request& request_;
    const std::vector<Task>& tasks_;
    const Placement& placement_;
    const Sets cores_;
    std::vector<std::string> problems_;
};

}  // namespace

bool must_be_refused(const Node& node, const Request& request) {
    const auto gpus = static_cast<int>(node.step_gpus.size());
    const auto cores = static_cast<int>(cores_of(node).size());
    if (request.tasks * request.cpus_per_task.value_or(0) > cores) return true;
    if (!request.wants_gpus || !request.gpus_per_task) return false;
    const bool may_share = *request.gpus_per_task == 1 && gpus > 0;
    return !may_share && request.tasks * *request.gpus_per_task > gpus;
}

std::vector<std::string> violations(const Node& node, const Request& request,
                                    const Placement& placement) {
    return Inspection(node, request, placement).run();
}

}  // namespace warpstep::testing
