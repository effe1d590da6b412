// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/host/cores.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

using warpstep::device::host::Cores;

namespace {

constexpr std::int64_t sizes[] = {0, 1, 2, 7, 16'384, 16'385, 100'003, 1'000'000};

std::vector<int> visits(const Cores& cores, std::int64_t n) {
    std::vector<std::atomic<int>> seen(static_cast<std::size_t>(n));
    cores.for_range(n, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
    });
    return {seen.begin(), seen.end()};
}

double sum_of_roots(const Cores& cores, std::int64_t n) {
    return cores.sum_range(n, [](std::int64_t begin, std::int64_t end) {
        double sum = 0;
        for (std::int64_t i = begin; i < end; ++i) sum += std::sqrt(static_cast<double>(i));
        return sum;
    });
}

std::set<std::pair<std::int64_t, std::int64_t>> pieces(const Cores& cores, std::int64_t n) {
    std::mutex mutex;
    std::set<std::pair<std::int64_t, std::int64_t>> found;
    cores.for_range(n, [&](std::int64_t begin, std::int64_t end) {
        const std::lock_guard lock(mutex);
        found.emplace(begin, end);
    });
    return found;
}

}  // namespace

TEST_CASE("device: a loop over the cores visits every index exactly once") {
    for (int count = 1; count <= 4; ++count) {
        const Cores cores(count);
        for (const std::int64_t n : sizes) {
            CAPTURE(count);
            CAPTURE(n);
            CHECK(visits(cores, n) == std::vector<int>(static_cast<std::size_t>(n), 1));
        }
    }
}

TEST_CASE("device: a negative range calls nothing") {
    bool called = false;
    Cores(2).for_range(-5, [&](std::int64_t, std::int64_t) { called = true; });
    CHECK_FALSE(called);
}

TEST_CASE("device: the cut of a range depends on its size and the cores alone") {
    const Cores cores(3);
    const auto first = pieces(cores, 100'003);
    CHECK(first.size() == 3);
    CHECK(pieces(cores, 100'003) == first);
    CHECK(pieces(cores, 1000).size() == 1);  // too little to wake another core
}

TEST_CASE("device: a sum has the same bits whatever the number of cores") {
    for (const std::int64_t n : sizes) {
        CAPTURE(n);
        const double alone = sum_of_roots(Cores(1), n);
        for (int count = 2; count <= 5; ++count) CHECK(sum_of_roots(Cores(count), n) == alone);
        if (n < 16'384) continue;
        const auto size = static_cast<double>(n);
        CHECK(alone == doctest::Approx(2.0 / 3 * size * std::sqrt(size)).epsilon(1e-3));
    }
}

TEST_CASE("device: every index is summed exactly once") {
    const auto count_indices = [](std::int64_t begin, std::int64_t end) {
        return static_cast<double>(end - begin);
    };
    for (int count = 1; count <= 4; ++count) {
        for (const std::int64_t n : sizes) {
            CHECK(Cores(count).sum_range(n, count_indices) == static_cast<double>(n));
        }
    }
}

TEST_CASE("device: there is at least one core") {
    CHECK(Cores(0).count() == 1);
    CHECK(Cores(-3).count() == 1);
    CHECK(Cores(4).count() == 4);
}

TEST_CASE("device: an exception in a loop reaches the caller") {
    const Cores cores(4);
    CHECK_THROWS_AS(cores.for_range(1'000'000,
                                    [](std::int64_t begin, std::int64_t) {
                                        if (begin > 0) throw std::runtime_error("piece");
                                    }),
                    std::runtime_error);
}
