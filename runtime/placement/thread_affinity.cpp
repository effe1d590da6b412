// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/thread_affinity.hpp"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/placement/bind.hpp"

namespace warpstep::placement {

namespace {

using topology::CpuSet;

// The kernel refuses to read into fewer bits than it may have CPUs; this is more than any kernel is
// built for.
constexpr std::size_t most_cpus = 65536;

/// The kernel's mask, with more than the 1024 CPUs of cpu_set_t.
class Mask {
  public:
    Mask() : sets_(most_cpus / CPU_SETSIZE) {}
    cpu_set_t* get() { return sets_.data(); }
    std::size_t bytes() const { return sets_.size() * sizeof(cpu_set_t); }

  private:
    std::vector<cpu_set_t> sets_;
};

}  // namespace

void set_affinity(int thread, const CpuSet& cpus) {
    Mask mask;
    for (const int cpu : cpus.cpus())
        CPU_SET_S(static_cast<std::size_t>(cpu), mask.bytes(), mask.get());
    if (sched_setaffinity(thread, mask.bytes(), mask.get()) != 0 && errno != ESRCH)
        fail<EnvironmentError>("cannot bind thread {} to CPUs {} ({}); compare with: taskset -p $$",
                               thread, show(cpus), std::strerror(errno));
}

std::optional<CpuSet> affinity_of(int thread) {
    Mask mask;
    if (sched_getaffinity(thread, mask.bytes(), mask.get()) != 0) {
        if (errno == ESRCH) return std::nullopt;
        fail<EnvironmentError>("cannot read the affinity of thread {} ({}); try: taskset -p $$",
                               thread, std::strerror(errno));
    }
    CpuSet cpus;
    for (std::size_t cpu = 0; cpu < most_cpus; ++cpu)
        if (CPU_ISSET_S(cpu, mask.bytes(), mask.get())) cpus.add(static_cast<int>(cpu));
    return cpus;
}

std::vector<int> threads_of_this_process() {
    std::vector<int> threads;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        const std::string name = entry.path().filename();
        int thread = 0;
        std::from_chars(name.data(), name.data() + name.size(), thread);
        threads.push_back(thread);
    }
    std::sort(threads.begin(), threads.end());
    return threads;
}

}  // namespace warpstep::placement
