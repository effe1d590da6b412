// SPDX-License-Identifier: Apache-2.0
#include "kernels/scale.hpp"

#include <cmath>
#include <type_traits>

#include "kernels/check.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

// Overflow of signed numbers is undefined, that of unsigned ones wraps around.
template <typename T>
T product(T factor, T x) {
    if constexpr (std::is_integral_v<T>) {
        using U = std::make_unsigned_t<T>;
        return static_cast<T>(static_cast<U>(factor) * static_cast<U>(x));
    } else {
        return factor * x;
    }
}

}  // namespace

void check_scale(const Arguments& arguments) {
    const Argument& buffer = arguments.buffer("buffer");
    check_computable(buffer);
    const double factor = arguments.number("factor");
    const double limit = buffer.dtype == DType::i32 ? 0x1p31 : 0x1p62;
    const bool whole = factor == std::floor(factor) && std::abs(factor) < limit;
    if (is_floating(buffer.dtype) || whole) return;
    fail<ConfigError>(
        "factor {} does not fit {} elements of '{}' (whole numbers stay whole); give a whole "
        "factor or another dtype",
        factor, name_of(buffer.dtype), buffer.name);
}

void scale(const Arguments& arguments, const device::host::Cores& cores) {
    const Argument& buffer = arguments.buffer("buffer");
    with_computable(buffer.dtype, [&](auto zero) {
        using T = decltype(zero);
        T* data = static_cast<T*>(buffer.data);
        const auto factor = static_cast<T>(arguments.number("factor"));
        cores.for_range(buffer.count, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) data[i] = product(factor, data[i]);
        });
    });
}

}  // namespace warpstep::kernels
