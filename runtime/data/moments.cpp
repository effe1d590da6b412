// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/moments.hpp"

#include <sched.h>

#include <algorithm>

#include "runtime/device/host/cores.hpp"

namespace warpstep::data {
namespace {

// Numbers that are looked at twice, so they should stay in a core's cache.
constexpr std::int64_t summed_at_once = 32 * 1024;
// For cores to share; the memory for their results stays small.
constexpr std::int64_t blocks_at_a_time = 64;

// Before a step has a machine: the cores this thread may use.
int available_cores() {
    cpu_set_t allowed;
    return ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

// Of column j of a block of rows.
Moments moments_of(const std::vector<double>& block, std::int64_t rows, std::int64_t columns,
                   std::int64_t j) {
    const auto at = [&](std::int64_t i) {
        return block[static_cast<std::size_t>(i * columns + j)];
    };
    Moments found{rows, 0, 0, at(0), at(0)};
    for (std::int64_t i = 0; i < rows; ++i) {
        found.mean += at(i) / static_cast<double>(rows);
        found.least = std::min(found.least, at(i));
        found.most = std::max(found.most, at(i));
    }
    // Rounding of the mean would leave a tiny variance of a constant.
    if (found.least == found.most) found.mean = found.least;
    for (std::int64_t i = 0; i < rows; ++i) {
        found.squares += (at(i) - found.mean) * (at(i) - found.mean);
    }
    return found;
}

}  // namespace

Moments merged(const Moments& a, const Moments& b) {
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    const auto count = static_cast<double>(a.count + b.count);
    const double distance = b.mean - a.mean, part = static_cast<double>(b.count) / count;
    return {a.count + b.count, a.mean + distance * part,
            a.squares + b.squares + distance * distance * part * static_cast<double>(a.count),
            std::min(a.least, b.least), std::max(a.most, b.most)};
}

std::vector<Moments> column_moments(const RowSource& source) {
    const std::int64_t columns = source.columns();
    const std::int64_t block_rows = std::max<std::int64_t>(1, summed_at_once / columns);
    const std::int64_t blocks = (source.rows() + block_rows - 1) / block_rows;
    const device::host::Cores cores(available_cores());
    std::vector<Moments> total(static_cast<std::size_t>(columns));
    for (std::int64_t first = 0; first < blocks; first += blocks_at_a_time) {
        const std::int64_t wave = std::min(blocks_at_a_time, blocks - first);
        std::vector<Moments> found(static_cast<std::size_t>(wave * columns));
        // Counted in elements, by which the cores decide whether to share.
        cores.for_range(wave * summed_at_once, [&](std::int64_t begin, std::int64_t end) {
            const auto block_at = [](std::int64_t element) {
                return (element + summed_at_once - 1) / summed_at_once;
            };
            std::vector<double> values;
            for (std::int64_t b = block_at(begin); b < block_at(end); ++b) {
                const std::int64_t row = (first + b) * block_rows;
                const std::int64_t rows = std::min(block_rows, source.rows() - row);
                values.resize(static_cast<std::size_t>(rows * columns));
                source.read(row, row + rows, values.data());
                for (std::int64_t j = 0; j < columns; ++j) {
                    found[static_cast<std::size_t>(b * columns + j)] =
                        moments_of(values, rows, columns, j);
                }
            }
        });
        for (std::int64_t i = 0; i < wave * columns; ++i) {
            Moments& column = total[static_cast<std::size_t>(i % columns)];
            column = merged(column, found[static_cast<std::size_t>(i)]);
        }
    }
    return total;
}

}  // namespace warpstep::data
