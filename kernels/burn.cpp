// SPDX-License-Identifier: Apache-2.0
#include "kernels/burn.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "kernels/check.hpp"
#include "kernels/gemm.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

using device::host::Cores;

constexpr double most_rounds = 1e6;  ///< of one launch, which is a list of as many multiplications

std::uint64_t mix(std::int64_t index, std::uint64_t bits) {
    std::uint64_t z = static_cast<std::uint64_t>(index) * 0x9e3779b97f4a7c15ULL + bits;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// What one look at c found.
struct Found {
    std::int64_t errors = 0, first_wrong = -1;
    std::uint64_t checksum = 0;
};

template <typename Bits>
Found compare(const void* c, const void* first, std::int64_t n, const Cores& cores) {
    const auto* now = static_cast<const Bits*>(c);
    const auto* then = static_cast<const Bits*>(first);
    std::atomic<std::int64_t> errors{0};
    std::atomic<std::int64_t> first_wrong{n};
    std::atomic<std::uint64_t> checksum{0};
    cores.for_range(n, [&](std::int64_t begin, std::int64_t end) {
        std::int64_t wrong = 0, earliest = n;
        std::uint64_t sum = 0;
        for (std::int64_t i = begin; i < end; ++i) {
            sum += mix(i, now[i]);
            if (now[i] == then[i]) continue;
            ++wrong;
            earliest = std::min(earliest, i);
        }
        errors += wrong;
        checksum += sum;
        std::int64_t known = first_wrong;
        while (earliest < known && !first_wrong.compare_exchange_weak(known, earliest)) {
        }
    });
    return {errors, errors == 0 ? -1 : first_wrong.load(), checksum};
}

Found compare(const Argument& c, const void* first, const Cores& cores) {
    switch (size_of(c.dtype)) {
        case 2:
            return compare<std::uint16_t>(c.data, first, c.count, cores);
        case 4:
            return compare<std::uint32_t>(c.data, first, c.count, cores);
        default:
            return compare<std::uint64_t>(c.data, first, c.count, cores);
    }
}

void add(const Found& found, std::int64_t* report) {
    if (report[burn_rounds] == 0) {
        report[burn_errors] = 0;
        report[burn_first_wrong] = -1;
    }
    report[burn_errors] += found.errors;
    if (found.first_wrong >= 0) {
        const std::int64_t known = report[burn_first_wrong];
        report[burn_first_wrong] =
            known < 0 ? found.first_wrong : std::min(known, found.first_wrong);
    }
    report[burn_checksum] = static_cast<std::int64_t>(found.checksum & burn_checksum_mask);
    ++report[burn_rounds];
}

double rounds_of(const Arguments& arguments) {
    return arguments.has("rounds") ? arguments.number("rounds") : 1;
}

}  // namespace

void check_burn(const Arguments& arguments) {
    check_gemm(arguments);
    const Argument& c = arguments.buffer("c");
    const Argument& first = arguments.buffer("first");
    if (first.dtype != c.dtype || first.count != c.count) {
        fail<ConfigError>(
            "'first' is {} {} but 'c' is {} {} (it keeps the first 'c'); declare it like 'c'",
            first.count, name_of(first.dtype), c.count, name_of(c.dtype));
    }
    check_report(arguments.buffer("report"), burn_words);
    check_no_overlap(arguments, {"c", "first", "report"});
    for (const char* input : {"a", "b"}) {
        check_no_overlap(arguments, {input, "first"});
        check_no_overlap(arguments, {input, "report"});
    }
    const double rounds = rounds_of(arguments);
    if (!(rounds >= 1 && rounds <= most_rounds) || rounds != std::floor(rounds)) {
        fail<ConfigError>(
            "rounds is {} (a whole number from 1 to {} is possible); use repeat for more", rounds,
            most_rounds);
    }
}

void burn(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& c = arguments.buffer("c");
    void* first = arguments.buffer("first").data;
    auto* report = static_cast<std::int64_t*>(arguments.buffer("report").data);
    for (auto round = static_cast<std::int64_t>(rounds_of(arguments)); round > 0; --round) {
        gemm(arguments, cores);
        if (report[burn_rounds] == 0 && c.count > 0) std::memcpy(first, c.data, c.bytes());
        add(compare(c, first, cores), report);
    }
}

double burn_bytes(const Arguments& arguments) {
    return rounds_of(arguments) *
           (gemm_bytes(arguments) + 2 * static_cast<double>(arguments.buffer("c").bytes()));
}

double burn_flops(const Arguments& arguments) {
    return rounds_of(arguments) * gemm_flops(arguments);
}

}  // namespace warpstep::kernels
