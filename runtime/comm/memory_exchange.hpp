// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "runtime/comm/exchange.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm {

/// Exchange through memory that all ranks share: a mapping made before fork(), or plain memory
/// between threads. One object per rank; all with the same memory, size and capacity. Borrows
/// memory and step. Shape: `memory` is zeroed before the first use, aligned to 8 bytes and has
/// bytes_for() bytes at least. Errors: CommError at the deadline and after SIGTERM or SIGINT,
/// naming the missing ranks; LogicError for a blob larger than the capacity.
class MemoryExchange final : public Exchange {
  public:
    static constexpr std::size_t default_capacity = 8192;
    static std::size_t bytes_for(int ranks, std::size_t capacity = default_capacity);

    MemoryExchange(std::span<std::byte> memory, const step::Step& step,
                   std::size_t capacity = default_capacity);

    std::vector<std::string> all_gather(std::string_view mine, Deadline deadline) override;

  private:
    void post(std::string_view mine);
    void wait_for_all(Deadline deadline) const;
    std::byte* slot(int rank) const;
    std::vector<int> missing_ranks() const;

    std::span<std::byte> memory_;
    const step::Step& step_;
    std::size_t capacity_;
    unsigned round_ = 0;  ///< number of all_gather calls so far, the same on every rank
};

}  // namespace warpstep::comm
