// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/elementwise.hpp"

#include <cstring>

#include "runtime/base/host_clones.hpp"
#include "runtime/comm/host/reduce_ops.hpp"

namespace warpstep::comm::host {
namespace {

template <typename Op, typename T>
WARPSTEP_HOST_CLONES void combine_values(T* __restrict out, const T* a, const T* b,
                                         std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = Op::apply(a[i], b[i]);
}

// Four at once: the sum does not go through memory between them.
template <typename Op, typename T>
WARPSTEP_HOST_CLONES void combine_values(T* __restrict out, const T* a, const T* b, const T* c,
                                         const T* d, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = Op::apply(Op::apply(Op::apply(a[i], b[i]), c[i]), d[i]);
    }
}

template <typename Op, typename T>
WARPSTEP_HOST_CLONES void accumulate_values(T* __restrict into, const T* b, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) into[i] = Op::apply(into[i], b[i]);
}

}  // namespace

void combine(DType dtype, ReduceOp op, void* out, const void* a, const void* b, std::size_t count) {
    with_type(dtype, [&](auto zero) {
        using T = decltype(zero);
        with_op(op, [&](auto chosen) {
            combine_values<decltype(chosen)>(static_cast<T*>(out), static_cast<const T*>(a),
                                             static_cast<const T*>(b), count);
        });
    });
}

void accumulate(DType dtype, ReduceOp op, void* into, const void* b, std::size_t count) {
    with_type(dtype, [&](auto zero) {
        using T = decltype(zero);
        with_op(op, [&](auto chosen) {
            accumulate_values<decltype(chosen)>(static_cast<T*>(into), static_cast<const T*>(b),
                                                count);
        });
    });
}

void combine(DType dtype, ReduceOp op, void* out, const std::byte* const* sources,
             std::size_t number, std::size_t count) {
    if (number == 1) {
        std::memcpy(out, sources[0], count * size_of(dtype));
        return;
    }
    std::size_t next = 2;
    if (number < 4) {
        combine(dtype, op, out, sources[0], sources[1], count);
    } else {
        next = 4;
        with_type(dtype, [&](auto zero) {
            using T = decltype(zero);
            const auto of = [&](int i) { return reinterpret_cast<const T*>(sources[i]); };
            with_op(op, [&](auto chosen) {
                combine_values<decltype(chosen)>(static_cast<T*>(out), of(0), of(1), of(2), of(3),
                                                 count);
            });
        });
    }
    for (; next < number; ++next) accumulate(dtype, op, out, sources[next], count);
}

void divide(DType dtype, void* values, std::size_t count, int divisor) {
    with_type(dtype, [&](auto zero) {
        using T = decltype(zero);
        auto* value = static_cast<T*>(values);
        // In T a divisor above 255 would not fit u8.
        for (std::size_t i = 0; i < count; ++i) value[i] = static_cast<T>(value[i] / divisor);
    });
}

}  // namespace warpstep::comm::host
