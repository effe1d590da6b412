// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/thread_affinity.hpp"

#include <dirent.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "runtime/process/failure.hpp"

namespace warpstep::process {
namespace {

// The kernel refuses to read into fewer bits than it may have CPUs; this is more than any kernel is
// built for.
constexpr std::size_t most_cpus = 65536;

/// The kernel's mask, with more than the 1024 CPUs of cpu_set_t.
class Mask {
  public:
    Mask() : sets_(most_cpus / CPU_SETSIZE) {}
    cpu_set_t* get() { return sets_.data(); }
    std::size_t bytes() const { return sets_.size() * sizeof(cpu_set_t); }
    CpuList cpus() const {
        CpuList found;
        for (std::size_t set = 0; set < sets_.size(); ++set) {
            if (CPU_COUNT(&sets_[set]) == 0) continue;
            for (int bit = 0; bit < CPU_SETSIZE; ++bit)
                if (CPU_ISSET(bit, &sets_[set]))
                    found.push_back(static_cast<int>(set) * CPU_SETSIZE + bit);
        }
        return found;
    }

  private:
    std::vector<cpu_set_t> sets_;
};

std::vector<int> threads_without(const std::vector<int>& exempt) {
    std::vector<int> threads = threads_of_this_process();
    std::erase_if(threads, [&](int thread) {
        return std::find(exempt.begin(), exempt.end(), thread) != exempt.end();
    });
    return threads;
}

}  // namespace

std::vector<int> threads_of_this_process() {
    std::vector<int> threads;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), closedir);
    while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
        const char* end = entry->d_name + std::strlen(entry->d_name);
        int thread = 0;
        if (std::from_chars(entry->d_name, end, thread).ptr == end) threads.push_back(thread);
    }
    std::sort(threads.begin(), threads.end());
    return threads;
}

void set_affinity(int thread, const CpuList& cpus) {
    Mask mask;
    for (const int cpu : cpus) CPU_SET_S(static_cast<std::size_t>(cpu), mask.bytes(), mask.get());
    if (sched_setaffinity(thread, mask.bytes(), mask.get()) != 0 && errno != ESRCH)
        throw Failure("cannot bind thread " + std::to_string(thread) + " to CPUs " + show(cpus) +
                      " (" + std::strerror(errno) + "); compare with: taskset -p $$");
}

std::optional<CpuList> affinity_of(int thread) {
    Mask mask;
    if (sched_getaffinity(thread, mask.bytes(), mask.get()) != 0) {
        if (errno == ESRCH) return std::nullopt;
        throw Failure("cannot read the affinity of thread " + std::to_string(thread) + " (" +
                      std::strerror(errno) + "); try: taskset -p $$");
    }
    return mask.cpus();
}

void bind_threads(const CpuList& cpus, const std::vector<int>& exempt) {
    // Until a look shows no thread that was not there before: one that was not bound yet may have
    // started another.
    std::vector<int> bound, found;
    while (bound != (found = threads_without(exempt))) {
        for (const int thread : found) set_affinity(thread, cpus);
        bound = std::move(found);
    }
}

CpuList affinity_of_threads(const std::vector<int>& exempt) {
    CpuList all;
    for (const int thread : threads_without(exempt)) {
        const auto cpus = affinity_of(thread);
        if (cpus) all.insert(all.end(), cpus->begin(), cpus->end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}  // namespace warpstep::process
