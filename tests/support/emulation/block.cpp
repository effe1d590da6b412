// SPDX-License-Identifier: Apache-2.0
#include "tests/support/emulation/block.hpp"

#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/support/emulation/fiber_stack.hpp"

thread_local uint3 threadIdx, blockIdx;
thread_local dim3 blockDim, gridDim;

namespace warpstep::kernels::cuda {
// The most that a block of an H100 can have.
alignas(128) thread_local unsigned char dynamic_shared[227 * 1024];
}  // namespace warpstep::kernels::cuda

namespace warpstep::emulation {
namespace {

/// A stack that runs one CUDA thread after the other, until one has to wait.
struct Fiber {
    ucontext_t context{};
    Stack stack;
};

enum class State { ready, at_barrier, at_warp, ended };

struct Thread {
    State state = State::ready;
    unsigned mask = 0;  ///< of State::at_warp
    Fiber* fiber = nullptr;
    uint3 index{};
};

/// What the lanes have put in, and what they see after all of them have.
struct Exchange {
    std::array<Slot, warp_size> put{}, seen{};
};

class Runner {
  public:
    void run(const char* kernel, dim3 grid, dim3 block, const std::function<void()>& body) {
        kernel_ = kernel;
        body_ = &body;
        gridDim = grid;
        blockDim = block;
        prepare(block);
        for (unsigned z = 0; z < grid.z; ++z) {
            for (unsigned y = 0; y < grid.y; ++y) {
                for (unsigned x = 0; x < grid.x; ++x) {
                    blockIdx = {x, y, z};
                    run_block();
                }
            }
        }
    }

    int lane() const { return static_cast<int>(current_ % warp_size); }

    void wait(State state, unsigned mask) {
        threads_[current_].state = state;
        threads_[current_].mask = mask;
        switch_to_scheduler(*threads_[current_].fiber);
    }

    Votes vote(bool yes) {
        ++votes_.threads;
        votes_.yes += yes ? 1 : 0;
        wait(State::at_barrier, 0);
        return counted_;
    }

    const std::array<Slot, warp_size>& exchange(unsigned mask, const Slot& mine) {
        check_source(mask, lane());
        Exchange& warp = warps_[current_ / warp_size];
        warp.put[current_ % warp_size] = mine;
        wait(State::at_warp, mask);
        return warp.seen;
    }

    void check_source(unsigned mask, int source) const {
        if (source < 0 || source >= warp_size || (mask >> source & 1U) == 0) {
            die("asks for a lane that is not in the mask");
        }
    }

  private:
    void prepare(dim3 block) {
        const std::size_t count = std::size_t{block.x} * block.y * block.z;
        threads_.resize(count);
        warps_.resize((count + warp_size - 1) / warp_size);
        for (std::size_t i = 0; i < count; ++i) {
            const auto n = static_cast<unsigned>(i);
            threads_[i].index = {n % block.x, n / block.x % block.y, n / block.x / block.y};
        }
    }

    void run_block() {
        for (Thread& thread : threads_) thread.state = State::ready;
        votes_ = {};
        started_ = 0;
        while (started_ < threads_.size()) resume(idle_fiber());
        while (run_ready()) release();
    }

    Fiber& idle_fiber() {
        if (idle_.empty()) {
            fibers_.push_back(std::make_unique<Fiber>());
            Fiber& fiber = *fibers_.back();
            getcontext(&fiber.context);
            fiber.context.uc_stack.ss_sp = fiber.stack.bottom();
            fiber.context.uc_stack.ss_size = Stack::bytes;
            fiber.context.uc_link = nullptr;
            makecontext(&fiber.context, reinterpret_cast<void (*)()>(&Runner::enter), 0);
            idle_.push_back(&fiber);
        }
        Fiber& fiber = *idle_.back();
        idle_.pop_back();
        return fiber;
    }

    /// True while there is somebody to wait for.
    bool run_ready() {
        bool alive = false;
        for (std::size_t i = 0; i < threads_.size(); ++i) {
            Thread& thread = threads_[i];
            if (thread.state == State::ready) {
                current_ = i;
                threadIdx = thread.index;
                resume(*thread.fiber);
            }
            alive = alive || thread.state != State::ended;
        }
        return alive;
    }

    void resume(Fiber& fiber) {
        running_ = &fiber;
        scheduler_.leave_for(fiber.stack);
        swapcontext(&scheduler_context_, &fiber.context);
        scheduler_.arrive_from(fiber.stack);
        if (!fiber.stack.sound()) die("has overrun its stack");
    }

    void switch_to_scheduler(Fiber& fiber) {
        fiber.stack.leave_for(scheduler_);
        swapcontext(&fiber.context, &scheduler_context_);
        fiber.stack.arrive_from(scheduler_);
    }

    static void enter();

    void run_threads(Fiber& fiber) {
        fiber.stack.arrive_from(scheduler_);
        for (;;) {
            while (started_ < threads_.size()) {
                const std::size_t mine = started_++;
                current_ = mine;
                threads_[mine].fiber = &fiber;
                threadIdx = threads_[mine].index;
                (*body_)();
                threads_[mine].state = State::ended;
            }
            idle_.push_back(&fiber);
            switch_to_scheduler(fiber);
        }
    }

    void release() {
        bool moved = release_barrier();
        for (std::size_t first = 0; first < threads_.size(); first += warp_size) {
            moved = release_warp(first) || moved;
        }
        if (!moved) die_stuck();
    }

    // As on the GPU, threads that have ended are not waited for.
    bool release_barrier() {
        bool any = false;
        for (const Thread& thread : threads_) {
            if (thread.state == State::at_warp) return false;
            any = any || thread.state == State::at_barrier;
        }
        for (Thread& thread : threads_) {
            if (thread.state == State::at_barrier) thread.state = State::ready;
        }
        counted_ = votes_;
        votes_ = {};
        return any;
    }

    bool release_warp(std::size_t first) {
        bool moved = false;
        const std::size_t lanes = std::min<std::size_t>(warp_size, threads_.size() - first);
        for (std::size_t i = 0; i < lanes; ++i) {
            if (threads_[first + i].state != State::at_warp) continue;
            const unsigned mask = threads_[first + i].mask;
            if (!all_there(first, lanes, mask)) continue;
            Exchange& warp = warps_[first / warp_size];
            for (std::size_t k = 0; k < lanes; ++k) {
                if ((mask >> k & 1U) == 0) continue;
                threads_[first + k].state = State::ready;
                warp.seen[k] = warp.put[k];
            }
            moved = true;
        }
        return moved;
    }

    // Lanes beyond the end of the block do not exist and are not waited for.
    bool all_there(std::size_t first, std::size_t lanes, unsigned mask) const {
        for (std::size_t k = 0; k < lanes; ++k) {
            if ((mask >> k & 1U) == 0) continue;
            const Thread& other = threads_[first + k];
            if (other.state != State::at_warp || other.mask != mask) return false;
        }
        return true;
    }

    [[noreturn]] void die_stuck() {
        for (std::size_t i = 0; i < threads_.size(); ++i) {
            if (threads_[i].state == State::ended) continue;
            threadIdx = threads_[i].index;
            die(threads_[i].state == State::at_barrier
                    ? "waits in a barrier that other threads of the block do not reach"
                    : "waits in a warp operation that other lanes of its mask do not reach");
        }
        std::abort();
    }

    [[noreturn]] void die(const char* what) const {
        std::fprintf(stderr, "emulation: %s: block (%u,%u,%u) thread (%u,%u,%u) %s\n", kernel_,
                     blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z,
                     what);
        std::abort();
    }

    const char* kernel_ = "";
    const std::function<void()>* body_ = nullptr;
    std::vector<Thread> threads_;
    std::vector<Exchange> warps_;
    std::size_t current_ = 0;  ///< the thread that runs
    std::size_t started_ = 0;  ///< threads of this block that have run or are running
    Votes votes_, counted_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    std::vector<Fiber*> idle_;
    Fiber* running_ = nullptr;
    ucontext_t scheduler_context_{};
    CallerStack scheduler_;
};

Runner& runner() {
    static thread_local Runner of_this_thread;
    return of_this_thread;
}

void Runner::enter() {
    runner().run_threads(*runner().running_);
}

}  // namespace

int lane() {
    return runner().lane();
}

void run_grid(const char* kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
              const std::function<void()>& body) {
    const PoisonedEnd end(kernels::cuda::dynamic_shared, sizeof kernels::cuda::dynamic_shared,
                          shared_bytes);
    runner().run(kernel, grid, block, body);
}

Votes wait_for_block(bool vote) {
    return runner().vote(vote);
}

void wait_for_warp(unsigned mask) {
    runner().exchange(mask, Slot{});
}

const std::array<Slot, warp_size>& put_and_get(unsigned mask, const Slot& mine) {
    return runner().exchange(mask, mine);
}

void check_source(unsigned mask, int source) {
    runner().check_source(mask, source);
}

unsigned ballot(unsigned mask, bool vote) {
    Slot mine{};
    mine[0] = std::byte{vote};
    const auto& all = put_and_get(mask, mine);
    unsigned yes = 0;
    for (unsigned k = 0; k < warp_size; ++k) {
        if ((mask >> k & 1U) != 0 && all[k][0] == std::byte{1}) yes |= 1U << k;
    }
    return yes;
}

}  // namespace warpstep::emulation
