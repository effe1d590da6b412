// SPDX-License-Identifier: Apache-2.0
#include "kernels/stream.hpp"

#include <cmath>

#include "kernels/check.hpp"
#include "kernels/compensated_sum.hpp"
#include "runtime/base/host_clones.hpp"

namespace warpstep::kernels::stream {
namespace {

template <typename T>
T* pointer(const Arguments& arguments, std::string_view name) {
    return static_cast<T*>(arguments.buffer(name).data);
}

WARPSTEP_HOST_CLONES void triad_range(float* a, const float* b, const float* c, float scalar,
                                      std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) a[i] = std::fma(scalar, c[i], b[i]);
}

WARPSTEP_HOST_CLONES void triad_range(double* a, const double* b, const double* c, double scalar,
                                      std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) a[i] = std::fma(scalar, c[i], b[i]);
}

}  // namespace

void check_copy(const Arguments& arguments) {
    check_vectors(arguments, {"a", "c"});
}
void check_mul(const Arguments& arguments) {
    check_vectors(arguments, {"b", "c"});
}
void check_add(const Arguments& arguments) {
    check_vectors(arguments, {"a", "b", "c"});
}

void copy(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"a", "c"}, [&](auto zero) {
        using T = decltype(zero);
        const T* a = pointer<T>(arguments, "a");
        T* c = pointer<T>(arguments, "c");
        cores.for_range(arguments.buffer("a").count, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) c[i] = a[i];
        });
    });
}

void mul(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"b", "c"}, [&](auto zero) {
        using T = decltype(zero);
        const T* c = pointer<T>(arguments, "c");
        T* b = pointer<T>(arguments, "b");
        const auto scalar = static_cast<T>(arguments.number("scalar"));
        cores.for_range(arguments.buffer("b").count, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) b[i] = scalar * c[i];
        });
    });
}

void add(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"a", "b", "c"}, [&](auto zero) {
        using T = decltype(zero);
        const T* a = pointer<T>(arguments, "a");
        const T* b = pointer<T>(arguments, "b");
        T* c = pointer<T>(arguments, "c");
        cores.for_range(arguments.buffer("a").count, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) c[i] = a[i] + b[i];
        });
    });
}

void triad(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"a", "b", "c"}, [&](auto zero) {
        using T = decltype(zero);
        T* a = pointer<T>(arguments, "a");
        const T* b = pointer<T>(arguments, "b");
        const T* c = pointer<T>(arguments, "c");
        const auto scalar = static_cast<T>(arguments.number("scalar"));
        cores.for_range(arguments.buffer("a").count, [=](std::int64_t begin, std::int64_t end) {
            triad_range(a, b, c, scalar, begin, end);
        });
    });
}

void check_write(const Arguments& arguments) {
    check_vectors(arguments, {"a"});
}
void check_dot(const Arguments& arguments) {
    check_vectors(arguments, {"a", "b"});
    check_result(arguments.buffer("sum"), DType::f64, 1);
    check_no_overlap(arguments, {"a", "b", "sum"});
}
void check_read(const Arguments& arguments) {
    check_vectors(arguments, {"a"});
    check_result(arguments.buffer("sum"), DType::f64, 1);
    check_no_overlap(arguments, {"a", "sum"});
}

void nstream(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"a", "b", "c"}, [&](auto zero) {
        using T = decltype(zero);
        T* a = pointer<T>(arguments, "a");
        const T* b = pointer<T>(arguments, "b");
        const T* c = pointer<T>(arguments, "c");
        const auto scalar = static_cast<T>(arguments.number("scalar"));
        cores.for_range(arguments.buffer("a").count, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) a[i] += std::fma(scalar, c[i], b[i]);
        });
    });
}

void write(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"a"}, [&](auto zero) {
        using T = decltype(zero);
        T* a = pointer<T>(arguments, "a");
        const auto scalar = static_cast<T>(arguments.number("scalar"));
        cores.for_range(arguments.buffer("a").count, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) a[i] = scalar;
        });
    });
}

void dot(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"a", "b"}, [&](auto zero) {
        using T = decltype(zero);
        const T* a = pointer<T>(arguments, "a");
        const T* b = pointer<T>(arguments, "b");
        *pointer<double>(arguments, "sum") =
            cores.sum_range(arguments.buffer("a").count, [=](std::int64_t begin, std::int64_t end) {
                CompensatedSum sum;
                for (std::int64_t i = begin; i < end; ++i) {
                    sum.add(static_cast<double>(a[i]) * static_cast<double>(b[i]));
                }
                return sum.value();
            });
    });
}

void read(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"a"}, [&](auto zero) {
        using T = decltype(zero);
        const T* a = pointer<T>(arguments, "a");
        *pointer<double>(arguments, "sum") =
            cores.sum_range(arguments.buffer("a").count, [=](std::int64_t begin, std::int64_t end) {
                CompensatedSum sum;
                for (std::int64_t i = begin; i < end; ++i) sum.add(static_cast<double>(a[i]));
                return sum.value();
            });
    });
}

}  // namespace warpstep::kernels::stream
