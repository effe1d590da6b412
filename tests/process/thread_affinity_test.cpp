// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/thread_affinity.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "runtime/process/failure.hpp"
#include "runtime/process/memory_policy.hpp"

using namespace warpstep::process;

TEST_CASE("process: every thread is bound but the exempt one, and read back") {
    const CpuList before = affinity_of(0).value();
    std::atomic<bool> done{false};
    std::atomic<int> exempt{0};
    std::thread thread([&] {
        exempt = ::gettid();
        while (!done) std::this_thread::yield();
    });
    while (exempt == 0) std::this_thread::yield();
    const CpuList one{before.front()};
    bind_threads(one, {exempt});
    CHECK(affinity_of_threads({exempt}) == one);
    CHECK(affinity_of(exempt) == before);
    CHECK(affinity_of_threads() == before);
    bind_threads(one);
    CHECK(affinity_of_threads() == one);
    CHECK(threads_of_this_process().size() == 2);
    bind_threads(before);
    done = true;
    thread.join();
}

TEST_CASE("process: CPUs that are not there are refused with the system's reason") {
    CHECK_THROWS_WITH_AS(bind_threads({60000}),
                         doctest::Contains("to CPUs 60000 (Invalid argument)"), Failure);
    CHECK(!affinity_of(1 << 29));
}

TEST_CASE("process: a preferred memory policy is read back, or the refusal says why") {
    const std::string refused = prefer_memory_of({0});
    if (refused.empty())
        CHECK(memory_policy() == "preferred 0");
    else
        CHECK(refused.find("memory policy 'preferred 0' was refused (") == 0);
    CHECK(show_preferred({}) == "default");
    CHECK(show_preferred({0, 1}) == "preferred 0-1");
    CHECK(prefer_memory_of({}) == "");
}
