// SPDX-License-Identifier: Apache-2.0
// A head, then a slot per rank: the number of rounds this rank has posted, then two places for a
// blob, used in turn. Two suffice: a rank that posts round r + 2 has seen all ranks post r + 1, so
// all have read the blob of round r that it overwrites.
#include "runtime/comm/memory_exchange.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/comm/futex.hpp"
#include "runtime/comm/rank_names.hpp"
#include "runtime/step/stop_signal.hpp"

namespace warpstep::comm {
namespace {

using std::chrono::milliseconds;
using Word = std::uint64_t;
using Counter = std::atomic_ref<Word>;
static_assert(Counter::is_always_lock_free, "a lock would not work between processes");

constexpr std::size_t cache_line = 64;
constexpr milliseconds exchange_slice{50};  // how long a signal may stay unnoticed

/// Who comes last to a round wakes all others, once.
struct alignas(cache_line) Head {
    std::atomic<Word> posts;            ///< of all ranks in all rounds
    std::atomic<std::uint32_t> rounds;  ///< that all ranks have posted
};
static_assert(sizeof(Head) == cache_line && std::atomic<Word>::is_always_lock_free);

Head& head_of(std::span<std::byte> memory) {
    return *reinterpret_cast<Head*>(memory.data());
}

std::size_t place_bytes(std::size_t capacity) {
    return sizeof(Word) + (capacity + sizeof(Word) - 1) / sizeof(Word) * sizeof(Word);
}

std::size_t slot_bytes(std::size_t capacity) {
    const std::size_t used = sizeof(Word) + 2 * place_bytes(capacity);
    return (used + cache_line - 1) / cache_line * cache_line;
}

Counter posted_rounds(std::byte* slot) {
    return Counter(*reinterpret_cast<Word*>(slot));
}

std::byte* place_of(std::byte* slot, unsigned round, std::size_t capacity) {
    return slot + sizeof(Word) + (round % 2) * place_bytes(capacity);
}

void write_blob(std::byte* place, std::string_view blob) {
    const Word size = blob.size();
    std::memcpy(place, &size, sizeof size);
    if (!blob.empty()) std::memcpy(place + sizeof size, blob.data(), blob.size());
}

std::string read_blob(const std::byte* place) {
    Word size = 0;
    std::memcpy(&size, place, sizeof size);
    return std::string(reinterpret_cast<const char*>(place + sizeof size), size);
}

}  // namespace

std::size_t MemoryExchange::bytes_for(int ranks, std::size_t capacity) {
    return sizeof(Head) + static_cast<std::size_t>(ranks) * slot_bytes(capacity);
}

MemoryExchange::MemoryExchange(std::span<std::byte> memory, const step::Step& step,
                               std::size_t capacity)
    : memory_(memory), step_(step), capacity_(capacity) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    if (memory.size() < bytes_for(step.size, capacity) || address % alignof(Word) != 0) {
        fail<LogicError>("{} bytes at {} cannot hold the records of {} ranks", memory.size(),
                         fmt::ptr(memory.data()), step.size);
    }
}

std::byte* MemoryExchange::slot(int rank) const {
    return memory_.data() + sizeof(Head) + static_cast<std::size_t>(rank) * slot_bytes(capacity_);
}

std::vector<int> MemoryExchange::missing_ranks() const {
    std::vector<int> missing;
    for (int rank = 0; rank < step_.size; ++rank) {
        if (posted_rounds(slot(rank)).load(std::memory_order_acquire) < round_) {
            missing.push_back(rank);
        }
    }
    return missing;
}

void MemoryExchange::post(std::string_view mine) {
    write_blob(place_of(slot(step_.rank), round_, capacity_), mine);
    posted_rounds(slot(step_.rank)).store(++round_, std::memory_order_release);
    Head& head = head_of(memory_);
    const Word posts = head.posts.fetch_add(1, std::memory_order_acq_rel) + 1;
    if (posts < static_cast<Word>(step_.size) * round_) return;
    head.rounds.store(round_, std::memory_order_release);
    wake_all(head.rounds);
}

void MemoryExchange::wait_for_all(Deadline deadline) const {
    const auto start = Deadline::Clock::now();
    Head& head = head_of(memory_);
    while (true) {
        const std::uint32_t rounds = head.rounds.load(std::memory_order_acquire);
        if (rounds >= round_) return;
        const bool stopped = step::stop_requested();
        if (stopped || deadline.passed()) {
            const auto missing = missing_ranks();
            if (missing.empty()) return;
            const double waited_s =
                std::chrono::duration<double>(Deadline::Clock::now() - start).count();
            const std::string cause =
                stopped ? fmt::format("stopped by signal {} after", step::stop_signal()) : "waited";
            fail<CommError>("{} never arrived ({} {:.1f} s); see what {} printed",
                            show_ranks(missing, step_), cause, waited_s,
                            missing.size() == 1 ? "it" : "they");
        }
        sleep_while(head.rounds, rounds,
                    std::clamp(deadline.left(), milliseconds(1), exchange_slice));
    }
}

std::vector<std::string> MemoryExchange::all_gather(std::string_view mine, Deadline deadline) {
    if (mine.size() > capacity_) {
        fail<LogicError>("a record of {} bytes is larger than its place of {}", mine.size(),
                         capacity_);
    }
    post(mine);
    wait_for_all(deadline);
    std::vector<std::string> blobs;
    for (int rank = 0; rank < step_.size; ++rank) {
        blobs.push_back(read_blob(place_of(slot(rank), round_ - 1, capacity_)));
    }
    return blobs;
}

}  // namespace warpstep::comm
