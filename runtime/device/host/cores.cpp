// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/host/cores.hpp"

#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <vector>

#include "runtime/base/error.hpp"

namespace warpstep::device::host {
namespace {

// Below this many elements for each core, waking the other cores costs more than it saves.
constexpr std::int64_t smallest_piece = 16 * 1024;

}  // namespace

struct Cores::Arena {
    explicit Arena(int count) : arena(count) {}
    tbb::task_arena arena;
};

Cores::Cores(int count) : count_(std::max(1, count)) {
    if (count_ > 1) arena_ = std::make_unique<Arena>(count_);
}

Cores::~Cores() = default;

void Cores::for_range(std::int64_t n,
                      const std::function<void(std::int64_t, std::int64_t)>& body) const {
    const std::int64_t pieces = std::clamp<std::int64_t>(n / smallest_piece, 1, count_);
    if (n <= 0) return;
    if (pieces == 1) return body(0, n);
    arena_->arena.execute([&] {
        tbb::parallel_for(
            std::int64_t{0}, pieces,
            [&](std::int64_t piece) { body(n * piece / pieces, n * (piece + 1) / pieces); },
            tbb::static_partitioner());
    });
}

double Cores::sum_range(std::int64_t n,
                        const std::function<double(std::int64_t, std::int64_t)>& body) const {
    const std::int64_t pieces = (n + smallest_piece - 1) / smallest_piece;
    if (pieces <= 1) return n > 0 ? body(0, n) : 0.0;
    std::vector<double> partial(static_cast<std::size_t>(pieces));
    for_range(n, [&](std::int64_t begin, std::int64_t end) {
        // Pieces belong to the range in which they start, so that each is summed once whatever the
        // cut.
        const auto first_piece = [](std::int64_t at) {
            return (at + smallest_piece - 1) / smallest_piece;
        };
        for (std::int64_t p = first_piece(begin); p < first_piece(end); ++p) {
            partial[static_cast<std::size_t>(p)] =
                body(p * smallest_piece, std::min(n, (p + 1) * smallest_piece));
        }
    });
    double sum = 0;
    for (const double value : partial) sum += value;
    return sum;
}

}  // namespace warpstep::device::host
