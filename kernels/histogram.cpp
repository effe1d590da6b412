// SPDX-License-Identifier: Apache-2.0
#include "kernels/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include "kernels/check.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {

void check_histogram(const Arguments& arguments) {
    check_computable(arguments.buffer("x"));
    const Argument& bins = arguments.buffer("bins");
    if (bins.dtype != DType::i64 || bins.count < 1) {
        fail<ConfigError>("'bins' is {} {} (counts are i64, at least one); use dtype: i64",
                          bins.count, name_of(bins.dtype));
    }
    check_no_overlap(arguments, {"x", "bins"});
    const double lo = arguments.number("lo");
    const double hi = arguments.number("hi");
    if (!(lo < hi && std::isfinite(hi - lo))) {
        fail<ConfigError>(
            "'lo' is {} and 'hi' is {} (lo must be below hi, both finite); change one", lo, hi);
    }
}

void histogram(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& x = arguments.buffer("x");
    const Argument& bins = arguments.buffer("bins");
    auto* counts = static_cast<std::int64_t*>(bins.data);
    std::fill(counts, counts + bins.count, 0);
    const double lo = arguments.number("lo");
    const double hi = arguments.number("hi");
    const double scale = static_cast<double>(bins.count) / (hi - lo);
    std::mutex mutex;
    with_computable(x.dtype, [&](auto zero) {
        const auto* data = static_cast<const decltype(zero)*>(x.data);
        cores.for_range(x.count, [&](std::int64_t begin, std::int64_t end) {
            std::vector<std::int64_t> own(static_cast<std::size_t>(bins.count), 0);
            for (std::int64_t i = begin; i < end; ++i) {
                const auto value = static_cast<double>(data[i]);
                if (!(value >= lo && value < hi)) continue;
                const auto bin = static_cast<std::int64_t>((value - lo) * scale);
                ++own[static_cast<std::size_t>(std::min(bin, bins.count - 1))];
            }
            const std::lock_guard lock(mutex);
            for (std::size_t b = 0; b < own.size(); ++b) counts[b] += own[b];
        });
    });
}

}  // namespace warpstep::kernels
