// SPDX-License-Identifier: Apache-2.0
#include "kernels/checksum.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "kernels/check.hpp"
#include "kernels/memory_pattern.hpp"

namespace warpstep::kernels {

void check_checksum(const Arguments& arguments) {
    check_result(arguments.buffer("sum"), DType::i64, 1);
    check_no_overlap(arguments, {"x", "sum"});
}

void checksum(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& x = arguments.buffer("x");
    const auto* bytes = static_cast<const char*>(x.data);
    const auto size = static_cast<std::int64_t>(x.bytes());
    std::atomic<std::uint64_t> sum{0};
    cores.for_range((size + 7) / 8, [&](std::int64_t begin, std::int64_t end) {
        std::uint64_t own = 0;
        for (std::int64_t i = begin; i < end; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes + i * 8,
                        static_cast<std::size_t>(std::min<std::int64_t>(8, size - i * 8)));
            own += mix(word ^ mix(static_cast<std::uint64_t>(i)));
        }
        sum += own;
    });
    *static_cast<std::int64_t*>(arguments.buffer("sum").data) =
        static_cast<std::int64_t>(sum.load());
}

}  // namespace warpstep::kernels
