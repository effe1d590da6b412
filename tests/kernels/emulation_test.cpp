// SPDX-License-Identifier: Apache-2.0
// The emulation of device code itself: what kernels may rely on, and which faults it finds.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/emulation/cuda_runtime.h"

using warpstep::emulation::run_grid;

namespace {

/// What a child that runs the body says on stderr before it is killed by abort(), "" if it is not.
std::string words_of_death(const std::function<void()>& body) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], STDERR_FILENO);
        ::signal(SIGABRT, SIG_DFL);
        body();
        ::_exit(0);
    }
    ::close(pipe[1]);
    std::string text;
    char part[256];
    for (ssize_t n = 0; (n = ::read(pipe[0], part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(n));
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? text : "";
}

}  // namespace

TEST_CASE("kernels: the emulation runs every thread of every block once") {
    std::vector<int> visits(12 * 20, 0);
    run_grid("k", dim3(2, 3, 2), dim3(5, 2, 2), 0, [&] {
        const unsigned block = blockIdx.x + 2 * (blockIdx.y + 3 * blockIdx.z);
        const unsigned thread = threadIdx.x + 5 * (threadIdx.y + 2 * threadIdx.z);
        ++visits[block * 20 + thread];
        CHECK(threadIdx.x < blockDim.x);
        CHECK(blockIdx.z < gridDim.z);
    });
    CHECK(visits == std::vector<int>(12 * 20, 1));
}

TEST_CASE("kernels: threads of the emulation see each other's shared memory after a barrier") {
    std::vector<int> sums(3, -1);
    run_grid("k", dim3(3), dim3(100), 0, [&] {
        __shared__ int values[100];
        values[threadIdx.x] = static_cast<int>(threadIdx.x + blockIdx.x);
        __syncthreads();
        for (unsigned half = 64; half > 0; half /= 2) {
            if (threadIdx.x < half && threadIdx.x + half < 100) {
                values[threadIdx.x] += values[threadIdx.x + half];
            }
            __syncthreads();
        }
        if (threadIdx.x == 0) sums[blockIdx.x] = values[0];
    });
    CHECK(sums == std::vector<int>{4950, 5050, 5150});
}

TEST_CASE("kernels: lanes of the emulation exchange values as those of a GPU") {
    run_grid("k", dim3(1), dim3(64), 0, [] {
        const int lane = static_cast<int>(threadIdx.x) % 32;
        CHECK(__shfl_xor_sync(0xffffffffU, lane, 5) == (lane ^ 5));
        CHECK(__shfl_down_sync(0xffffffffU, lane, 3) == (lane < 29 ? lane + 3 : lane));
        CHECK(__shfl_up_sync(0xffffffffU, lane, 3) == (lane >= 3 ? lane - 3 : lane));
        CHECK(__shfl_sync(0xffffffffU, lane * 2.5, 7) == 17.5);
        CHECK(__shfl_sync(0xffffffffU, lane, 1, 8) == lane / 8 * 8 + 1);
        CHECK(__ballot_sync(0xffffffffU, lane % 2) == 0xaaaaaaaaU);
        CHECK(__any_sync(0xffffffffU, lane == 31) == 1);
        CHECK(__all_sync(0xffffffffU, lane != 31) == 0);
        CHECK(__syncthreads_count(threadIdx.x < 40) == 40);
        CHECK(__syncthreads_and(threadIdx.x < 64) == 1);
        CHECK(__syncthreads_or(threadIdx.x > 64) == 0);
        if (lane < 16) CHECK(__shfl_xor_sync(0x0000ffffU, lane, 1) == (lane ^ 1));
    });
}

TEST_CASE("kernels: atomics of the emulation give the old value") {
    unsigned long long sum = 0, least = ~0ULL, bits = 0;
    float real = 0;
    run_grid("k", dim3(2), dim3(50), 0, [&] {
        atomicAdd(&sum, 2);
        atomicMin(&least, threadIdx.x + 3);
        atomicOr(&bits, 1ULL << threadIdx.x);
        atomicAdd(&real, 0.5F);
    });
    CHECK(sum == 200);
    CHECK(least == 3);
    CHECK(bits == (1ULL << 50) - 1);
    CHECK(real == 50);
    int word = 5;
    CHECK(atomicCAS(&word, 5, 6) == 5);
    CHECK(atomicCAS(&word, 5, 7) == 6);
    CHECK(atomicExch(&word, 9) == 6);
    CHECK(word == 9);
}

TEST_CASE("kernels: threads that have ended are not waited for at a barrier") {
    int reached = 0;
    run_grid("k", dim3(1), dim3(40), 0, [&] {
        if (threadIdx.x >= 10) return;
        __syncthreads();
        ++reached;
    });
    CHECK(reached == 10);
}

TEST_CASE("kernels: the emulation names kernel, block and thread of what would hang on a GPU") {
    CHECK(words_of_death([] {
              run_grid("half", dim3(2), dim3(64), 0, [] {
                  if (threadIdx.x < 32) {
                      __syncthreads();
                  } else {
                      __shfl_sync(0xffffffffU, 1, threadIdx.x == 63 ? 0 : 1);
                      if (threadIdx.x == 40) __syncwarp();
                  }
              });
          }) ==
          "emulation: half: block (0,0,0) thread (0,0,0) waits in a barrier that other "
          "threads of the block do not reach\n");
    CHECK(words_of_death([] {
              run_grid("lanes", dim3(1), dim3(32), 0, [] {
                  if (threadIdx.x > 3) __syncwarp();
              });
          }) ==
          "emulation: lanes: block (0,0,0) thread (4,0,0) waits in a warp operation that "
          "other lanes of its mask do not reach\n");
    CHECK(words_of_death([] {
              run_grid("mask", dim3(1), dim3(32), 0, [] {
                  if (threadIdx.x < 8) __shfl_sync(0xffU, 1, 9);
              });
          }) ==
          "emulation: mask: block (0,0,0) thread (0,0,0) asks for a lane that is not in the "
          "mask\n");
}
