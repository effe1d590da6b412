// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/bind.hpp"
#include "runtime/process/thread_affinity.hpp"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <iostream>
#include <mutex>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/topology/discover.hpp"

using namespace warpstep;
using namespace warpstep::placement;
using topology::CpuSet;
using topology::Node;

namespace {

/// A thread that exists until this object goes away.
class IdleThread {
  public:
    IdleThread() : thread_([this] { run(); }) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return id_ != 0; });
    }
    ~IdleThread() {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    int id() const { return id_; }

  private:
    void run() {
        std::unique_lock lock(mutex_);
        id_ = static_cast<int>(syscall(SYS_gettid));
        changed_.notify_all();
        changed_.wait(lock, [this] { return done_; });
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<int> id_ = 0;
    bool done_ = false;
    std::thread thread_;
};

/// Runs in a child, so that the binding does not outlive the case; true when `body` says so.
bool holds_in_child(const std::function<bool()>& body) {
    std::cout.flush();
    const pid_t child = fork();
    if (child == 0) {
        bool holds = false;
        try {
            holds = body();
        } catch (const std::exception& error) {
            std::cerr << "child: " << error.what() << '\n';
        }
        _exit(holds ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

CpuSet affinity(int thread) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    sched_getaffinity(thread, sizeof mask, &mask);
    CpuSet cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &mask)) cpus.add(cpu);
    return cpus;
}

bool expect(bool condition, const char* what) {
    if (!condition) std::cerr << "child: " << what << '\n';
    return condition;
}

Task one_cpu_task(const Node& node) {
    Task task = plan(node, Request{}).tasks.at(0);
    task.cpus = CpuSet({node.allowed.cpus().back()});
    return task;
}

}  // namespace

TEST_CASE("placement: every thread of the process is bound, the exempt one is left alone") {
    CHECK(holds_in_child([] {
        const Node node = topology::discover_node({});
        const IdleThread early, exempt;
        const CpuSet before = affinity(exempt.id());
        const Task task = one_cpu_task(node);
        const Binding binding = bind(node, task, {exempt.id()});
        const IdleThread late;
        return expect(binding.bound, "bound") &&
               expect(binding.cpus == task.cpus, "CPUs read back") &&
               expect(affinity(0) == task.cpus, "main thread") &&
               expect(affinity(early.id()) == task.cpus, "earlier thread") &&
               expect(affinity(late.id()) == task.cpus, "later thread") &&
               expect(affinity(exempt.id()) == before, "exempt thread") &&
               expect(process::threads_of_this_process().size() == 4, "number of threads");
    }));
}

TEST_CASE("placement: memory is preferred on the task's nodes, or a warning says why not") {
    CHECK(holds_in_child([] {
        const Node node = topology::discover_node({});
        const Task task = plan(node, Request{}).tasks.at(0);
        const Binding binding = bind(node, task, {});
        const bool preferred = binding.memory_policy.rfind("preferred ", 0) == 0;
        return expect(task.numa.empty() || preferred || !binding.warnings.empty(),
                      "memory policy") &&
               expect(binding.warnings.empty() || !preferred, "warning only for a refusal");
    }));
}

TEST_CASE("placement: CPUs outside what the process may use are not bound to") {
    CHECK(holds_in_child([] {
        const Node node = topology::discover_node({});
        Task task = one_cpu_task(node);
        task.cpus.add(node.cpus.cpus().back() + 1);
        const bool intersected = bind(node, task, {}).cpus == one_cpu_task(node).cpus;
        task.cpus = CpuSet({node.cpus.cpus().back() + 1});
        try {
            bind(node, task, {});
        } catch (const EnvironmentError&) {
            return expect(intersected, "intersected with what is allowed");
        }
        return expect(false, "refused");
    }));
}

TEST_CASE("placement: on a described machine nothing is bound") {
    CHECK(holds_in_child([] {
        Node node = topology::discover_node({});
        node.simulated = true;
        Task task = one_cpu_task(node);
        task.numa = {0, 1};
        const CpuSet before = affinity(0);
        const Binding binding = bind(node, task, {});
        return expect(!binding.bound, "not bound") &&
               expect(binding.cpus == task.cpus, "planned CPUs") &&
               expect(binding.memory_policy == "preferred 0-1", "planned policy") &&
               expect(affinity(0) == before, "affinity unchanged");
    }));
}

TEST_CASE("placement: the threads of this process are listed in order") {
    const IdleThread other;
    const std::vector<int> threads = process::threads_of_this_process();
    CHECK(threads.size() == 2);
    CHECK(threads.front() == getpid());
    CHECK(threads.back() == other.id());
}
