// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/bind.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/placement/memory_policy.hpp"
#include "runtime/placement/thread_affinity.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;

std::vector<int> threads_to_bind(const std::vector<int>& exempt) {
    std::vector<int> threads = threads_of_this_process();
    const auto is_exempt = [&](int thread) {
        return std::find(exempt.begin(), exempt.end(), thread) != exempt.end();
    };
    threads.erase(std::remove_if(threads.begin(), threads.end(), is_exempt), threads.end());
    return threads;
}

/// Binds until a look at the process shows no thread that was not there before: a thread that was
/// not bound yet may have started another.
void bind_threads(const std::vector<int>& exempt, const CpuSet& cpus) {
    std::vector<int> bound, found;
    while (bound != (found = threads_to_bind(exempt))) {
        for (const int thread : found) set_affinity(thread, cpus);
        bound = std::move(found);
    }
}

void assert_bound(const std::vector<int>& exempt, const CpuSet& cpus) {
    for (const int thread : threads_to_bind(exempt)) {
        const auto actual = affinity_of(thread);
        if (actual && !cpus.contains(*actual))
            fail<EnvironmentError>(
                "thread {} may run on CPUs {} (bound to {}); something else sets affinities in "
                "this process, "
                "start it later",
                thread, show(*actual), show(cpus));
    }
}

}  // namespace

Binding bind(const topology::Node& node, const Task& task, const std::vector<int>& exempt_threads) {
    Binding binding;
    if (node.simulated) {
        binding.cpus = task.cpus;
        binding.memory_policy = show_preferred(task.numa);
        return binding;
    }
    const CpuSet cpus = task.cpus & node.allowed;
    if (cpus.empty())
        fail<EnvironmentError>(
            "cannot bind local rank {} to CPUs {} (this process may use {}); plan again from "
            "inside the step",
            task.local_rank, show(task.cpus), show(node.allowed));
    bind_threads(exempt_threads, cpus);
    assert_bound(exempt_threads, cpus);
    binding.bound = true;
    binding.cpus = affinity_of(0).value_or(cpus);
    binding.memory_policy = prefer_memory_of(task.numa, binding.warnings);
    return binding;
}

}  // namespace warpstep::placement
