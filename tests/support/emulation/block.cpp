// SPDX-License-Identifier: Apache-2.0
#include "tests/support/emulation/block.hpp"

#include <ucontext.h>

#include <algorithm>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

thread_local uint3 threadIdx, blockIdx;
thread_local dim3 blockDim, gridDim;

namespace warpstep::emulation {
namespace {

constexpr std::size_t stack_bytes = 64 * 1024;

enum class State { ready, at_barrier, at_warp, ended };

struct Fiber {
    ucontext_t context{};
    std::unique_ptr<char[]> stack;
    State state = State::ready;
    unsigned mask = 0;  ///< of State::at_warp
    uint3 thread{};
    void* fake_stack = nullptr;
};

// AddressSanitizer has to be told that the stack changes.
void leaving([[maybe_unused]] void** fake_stack, [[maybe_unused]] const void* bottom,
             [[maybe_unused]] std::size_t size) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(fake_stack, bottom, size);
#endif
}
void arrived([[maybe_unused]] void* fake_stack, [[maybe_unused]] const void** bottom,
             [[maybe_unused]] std::size_t* size) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack, bottom, size);
#endif
}

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
        Fiber& fiber = fibers_[current_];
        fiber.state = state;
        fiber.mask = mask;
        leaving(&fiber.fake_stack, scheduler_bottom_, scheduler_size_);
        swapcontext(&fiber.context, &scheduler_);
        arrived(fiber.fake_stack, &scheduler_bottom_, &scheduler_size_);
    }

    std::array<Slot, warp_size>& slots() { return slots_[current_ / warp_size]; }

    void check_mask(unsigned mask) const {
        if ((mask >> lane() & 1U) == 0) die("a warp operation whose mask lacks the caller's lane");
    }

  private:
    void prepare(dim3 block) {
        const std::size_t count = std::size_t{block.x} * block.y * block.z;
        if (fibers_.size() < count) fibers_.resize(count);
        slots_.resize((count + warp_size - 1) / warp_size);
        count_ = count;
        for (std::size_t i = 0; i < count; ++i) {
            if (!fibers_[i].stack) fibers_[i].stack = std::make_unique<char[]>(stack_bytes);
            const auto n = static_cast<unsigned>(i);
            fibers_[i].thread = {n % block.x, n / block.x % block.y, n / block.x / block.y};
        }
    }

    void run_block() {
        for (std::size_t i = 0; i < count_; ++i) {
            Fiber& fiber = fibers_[i];
            fiber.state = State::ready;
            getcontext(&fiber.context);
            fiber.context.uc_stack.ss_sp = fiber.stack.get();
            fiber.context.uc_stack.ss_size = stack_bytes;
            fiber.context.uc_link = nullptr;
            makecontext(&fiber.context, reinterpret_cast<void (*)()>(&Runner::enter), 0);
        }
        while (run_ready()) release();
    }

    /// True while there is somebody to wait for.
    bool run_ready() {
        bool alive = false;
        for (std::size_t i = 0; i < count_; ++i) {
            Fiber& fiber = fibers_[i];
            if (fiber.state == State::ready) resume(i);
            alive = alive || fiber.state != State::ended;
        }
        return alive;
    }

    void resume(std::size_t i) {
        Fiber& fiber = fibers_[i];
        current_ = i;
        threadIdx = fiber.thread;
        void* fake_stack = nullptr;
        leaving(&fake_stack, fiber.stack.get(), stack_bytes);
        swapcontext(&scheduler_, &fiber.context);
        arrived(fake_stack, nullptr, nullptr);
    }

    static void enter();

    void enter_body() {
        arrived(nullptr, &scheduler_bottom_, &scheduler_size_);
        (*body_)();
        Fiber& fiber = fibers_[current_];
        fiber.state = State::ended;
        leaving(nullptr, scheduler_bottom_, scheduler_size_);
        setcontext(&scheduler_);
    }

    void release() {
        bool moved = release_barrier();
        for (std::size_t first = 0; first < count_; first += warp_size) {
            moved = release_warp(first) || moved;
        }
        if (!moved) die_stuck();
    }

    // As on the GPU, threads that have ended are not waited for.
    bool release_barrier() {
        bool any = false;
        for (std::size_t i = 0; i < count_; ++i) {
            if (fibers_[i].state == State::at_barrier) any = true;
            if (fibers_[i].state == State::at_warp || fibers_[i].state == State::ready)
                return false;
        }
        for (std::size_t i = 0; any && i < count_; ++i) {
            if (fibers_[i].state == State::at_barrier) fibers_[i].state = State::ready;
        }
        return any;
    }

    bool release_warp(std::size_t first) {
        bool moved = false;
        for (std::size_t i = first; i < std::min(first + warp_size, count_); ++i) {
            if (fibers_[i].state != State::at_warp) continue;
            if (!all_there(first, fibers_[i].mask)) continue;
            const unsigned mask = fibers_[i].mask;
            for (std::size_t k = 0; k < warp_size && first + k < count_; ++k) {
                if ((mask >> k & 1U) != 0) fibers_[first + k].state = State::ready;
            }
            moved = true;
        }
        return moved;
    }

    // Lanes beyond the end of the block do not exist and are not waited for.
    bool all_there(std::size_t first, unsigned mask) const {
        for (std::size_t k = 0; k < warp_size && first + k < count_; ++k) {
            if ((mask >> k & 1U) == 0) continue;
            const Fiber& other = fibers_[first + k];
            if (other.state != State::at_warp || other.mask != mask) return false;
        }
        return true;
    }

    [[noreturn]] void die_stuck() {
        for (std::size_t i = 0; i < count_; ++i) {
            if (fibers_[i].state == State::ended) continue;
            current_ = i;
            threadIdx = fibers_[i].thread;
            die(fibers_[i].state == State::at_barrier
                    ? "a barrier that other threads of the block do not reach"
                    : "a warp operation that other lanes of its mask do not reach");
        }
        std::abort();
    }

    [[noreturn]] void die(const char* what) const {
        std::fprintf(stderr, "emulation: %s: block (%u,%u,%u) thread (%u,%u,%u) waits in %s\n",
                     kernel_, blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y,
                     threadIdx.z, what);
        std::abort();
    }

    const char* kernel_ = "";
    const std::function<void()>* body_ = nullptr;
    std::vector<Fiber> fibers_;
    std::vector<std::array<Slot, warp_size>> slots_;
    std::size_t count_ = 0, current_ = 0;
    ucontext_t scheduler_{};
    const void* scheduler_bottom_ = nullptr;
    std::size_t scheduler_size_ = 0;
};

Runner& runner() {
    static thread_local Runner of_this_thread;
    return of_this_thread;
}

void Runner::enter() {
    runner().enter_body();
}

}  // namespace

int lane() {
    return runner().lane();
}

void run_grid(const char* kernel, dim3 grid, dim3 block, const std::function<void()>& body) {
    runner().run(kernel, grid, block, body);
}

void wait_for_block() {
    runner().wait(State::at_barrier, 0);
}

void wait_for_warp(unsigned mask) {
    runner().check_mask(mask);
    runner().wait(State::at_warp, mask);
}

const std::array<Slot, warp_size>& put_and_get(unsigned mask, const Slot& mine) {
    auto& slots = runner().slots();
    slots[static_cast<std::size_t>(lane())] = mine;
    wait_for_warp(mask);
    return slots;
}

}  // namespace warpstep::emulation
