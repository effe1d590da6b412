// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/bind.hpp"

#include "runtime/base/error.hpp"
#include "runtime/process/failure.hpp"
#include "runtime/process/memory_policy.hpp"
#include "runtime/process/thread_affinity.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;

void assert_bound(const std::vector<int>& exempt, const CpuSet& cpus) {
    const CpuSet actual(process::affinity_of_threads(exempt));
    if (!cpus.contains(actual))
        fail<EnvironmentError>(
            "a thread may run on CPUs {} (bound to {}); something else sets affinities in this "
            "process, start it later",
            show(actual), show(cpus));
}

Binding bind_here(const CpuSet& cpus, const Task& task, const std::vector<int>& exempt) {
    Binding binding;
    process::bind_threads(cpus.cpus(), exempt);
    assert_bound(exempt, cpus);
    binding.bound = true;
    binding.cpus = CpuSet(process::affinity_of(0).value_or(cpus.cpus()));
    const std::string refused = process::prefer_memory_of(task.numa);
    if (!refused.empty()) binding.warnings.push_back(refused);
    binding.memory_policy = process::memory_policy();
    return binding;
}

}  // namespace

Binding bind(const topology::Node& node, const Task& task, const std::vector<int>& exempt_threads) {
    if (node.simulated) return {false, task.cpus, process::show_preferred(task.numa), {}};
    const CpuSet cpus = task.cpus & node.allowed;
    if (cpus.empty())
        fail<EnvironmentError>(
            "cannot bind local rank {} to CPUs {} (this process may use {}); plan again from "
            "inside the step",
            task.local_rank, show(task.cpus), show(node.allowed));
    try {
        return bind_here(cpus, task, exempt_threads);
    } catch (const process::Failure& failure) {
        throw EnvironmentError(failure.what());
    }
}

}  // namespace warpstep::placement
