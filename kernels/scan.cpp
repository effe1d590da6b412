// SPDX-License-Identifier: Apache-2.0
#include "kernels/scan.hpp"

#include <type_traits>
#include <vector>

#include "kernels/check.hpp"
#include "kernels/compensated_sum.hpp"
#include "kernels/parts.hpp"

namespace warpstep::kernels {
namespace {

/// Sums that wrap around, which only those of unsigned numbers may.
template <typename T>
class WrappingSum {
  public:
    void add(T x) { sum_ += static_cast<std::make_unsigned_t<T>>(x); }
    T value() const { return static_cast<T>(sum_); }

  private:
    std::make_unsigned_t<T> sum_ = 0;
};

template <typename T>
struct SumOf {
    using type = WrappingSum<T>;
};
template <>
struct SumOf<float> {
    using type = CompensatedSum;
};
template <>
struct SumOf<double> {
    using type = CompensatedSum;
};

/// The parts are added first, so that each knows where it begins.
template <typename T>
void scan_all(const T* x, T* result, std::int64_t n, bool inclusive,
              const device::host::Cores& cores) {
    using Sum = typename SumOf<T>::type;
    std::vector<Sum> parts(static_cast<std::size_t>(parts_of(n)));
    for_parts(n, cores, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        Sum sum;
        for (std::int64_t i = begin; i < end; ++i) sum.add(x[i]);
        parts[static_cast<std::size_t>(part)] = sum;
    });
    Sum before;
    for (Sum& part : parts) {
        const auto mine = part.value();
        part = before;
        before.add(mine);
    }
    for_parts(n, cores, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        Sum sum = parts[static_cast<std::size_t>(part)];
        for (std::int64_t i = begin; i < end; ++i) {
            if (inclusive) sum.add(x[i]);
            result[i] = static_cast<T>(sum.value());
            if (!inclusive) sum.add(x[i]);
        }
    });
}

}  // namespace

void check_scan(const Arguments& arguments) {
    check_computable(arguments.buffer("x"));
    check_equal_vectors(arguments, {"x", "y"});
}

void scan(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& x = arguments.buffer("x");
    const bool inclusive = arguments.word("kind") == "inclusive";
    with_computable(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        scan_all(static_cast<const T*>(x.data), static_cast<T*>(arguments.buffer("y").data),
                 x.count, inclusive, cores);
    });
}

}  // namespace warpstep::kernels
