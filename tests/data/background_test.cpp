// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/background.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>

using namespace warpstep;
using data::Background;

TEST_CASE("data: threads in the background enter once, before their first piece") {
    thread_local bool entered = false;
    std::atomic<int> entries{0}, strangers{0}, pieces{0};
    const auto here = std::this_thread::get_id();
    {
        Background background(3, [&] {
            entered = true;
            ++entries;
        });
        for (int turn = 0; turn < 20; ++turn) {
            background.start(
                8,
                [&](std::int64_t) {
                    ++pieces;
                    if (!entered && std::this_thread::get_id() != here) ++strangers;
                },
                [] {});
            background.wait();
        }
    }
    CHECK(pieces == 160);
    CHECK(entries == 3);
    CHECK(strangers == 0);
}

TEST_CASE("data: what keeps a thread from entering is told by the next wait") {
    std::atomic<bool> failed{false};
    Background background(1, [&] {
        failed = true;
        throw std::runtime_error("no such device");
    });
    const auto one = [&] {
        background.start(
            1, [](std::int64_t) {}, [] {});
        background.wait();
    };
    const auto until_failed = [&] {
        for (;;) one();
    };
    CHECK_THROWS_WITH(until_failed(), "no such device");
    CHECK(failed);
    CHECK_NOTHROW(one());
}

TEST_CASE("execution: a thread that fails to enter while the job is finished is told of, too") {
    std::atomic<bool> finishing{false}, failed{false};
    Background background(1, [&] {
        while (!finishing) std::this_thread::yield();
        failed = true;
        throw std::runtime_error("no such device");
    });
    background.start(
        1, [](std::int64_t) {},
        [&] {
            finishing = true;
            while (!failed) std::this_thread::yield();
            // Until its error has surely been noted.
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        });
    CHECK_THROWS_WITH(background.wait(), "no such device");
}
